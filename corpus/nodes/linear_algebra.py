"""Matrices: products, decompositions and what is fitted with them."""

import numpy as np


class Product:
    """A matrix by its transpose, by vectors, and a stack of small ones."""

    def process(self, matrix: np.ndarray) -> dict[str, object]:
        stack = matrix[:16, :16].reshape(4, 4, 4, 4).swapaxes(1, 2).reshape(16, 4, 4)
        return {
            "gram": matrix @ matrix.T,
            "vector": matrix @ matrix[0],
            "dot": np.dot(matrix[0], matrix[1]),
            "stack": stack @ stack[::-1],
            "norm": np.linalg.norm(matrix),
        }


class IntegerProduct:
    """Integers have no rounding, so that the order of a sum doesn't show; what overflows wraps."""

    def process(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        wide = matrix.astype("i8")
        return {
            "wide": wide @ wide.T,
            "wrapped": matrix @ matrix.T,
            "power": np.linalg.matrix_power(wide[:4, :4], 5),
            "traces": np.einsum("ij,ij->i", wide, wide),
        }


class Contractions:
    """einsum, tensordot, outer, kron, cross."""

    def process(self, tensor: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "attention": np.einsum("bij,bkj->bik", tensor, tensor),
            "trace": np.einsum("bii->b", tensor[:, :6, :6]),
            "path": np.einsum("ij,jk,kl->il", *tensor[:3, :6, :6], optimize=True),
            "tensordot": np.tensordot(tensor, tensor, axes=([0, 1], [0, 1])),
            "outer": np.outer(tensor[0, 0], tensor[1, 0]),
            "kron": np.kron(tensor[0, :2, :2], tensor[1, :2, :2]),
            "cross": np.cross(tensor[:, 0, :3], tensor[:, 1, :3]),
        }


class Solve:
    """A system of equations: what is left when the answer is put in, and the answer of a well-behaved one."""

    def process(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        size = len(matrix)
        dominant = matrix + size * np.eye(size, dtype=matrix.dtype)
        right = matrix[:, :3]
        solution = np.linalg.solve(dominant, right)
        return {"solution": solution, "put_in": dominant @ solution, "inverse": np.linalg.inv(dominant)}


class Determinant:
    """Determinants, and a Cholesky factor put together again."""

    def process(self, matrix: np.ndarray) -> dict[str, object]:
        size = len(matrix)
        positive = matrix @ matrix.T + size * np.eye(size)
        factor = np.linalg.cholesky(positive)
        sign, logarithm = np.linalg.slogdet(positive)
        return {
            "factor": factor,
            "together": factor @ factor.T,
            "sign": sign,
            "logarithm": logarithm,
            "small": np.linalg.det(positive[:3, :3]),
        }


class SingularValues:
    """An SVD put together again, its values, and its vectors up to their signs."""

    def process(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        left, values, right = np.linalg.svd(matrix, full_matrices=False)
        return {
            "values": values,
            "together": (left * values) @ right,
            "left": left,
            "right": right,
            "pseudo_inverse": np.linalg.pinv(matrix),
        }


class Orthogonal:
    """A QR decomposition put together again; the signs are LAPACK's to choose."""

    def process(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        q, r = np.linalg.qr(matrix)
        return {"together": q @ r, "identity": q.T @ q, "magnitudes": np.abs(np.diag(r))}


class Eigen:
    """Eigenvalues and eigenvectors of a symmetric matrix, and of one that isn't."""

    def process(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        values, vectors = np.linalg.eigh(matrix + matrix.T)
        general = np.linalg.eigvals(matrix)
        return {"values": values, "vectors": vectors, "moduli": np.sort(np.abs(general))}


class Pca:
    """Principal components by the SVD of the centred table."""

    def __init__(self, components: int) -> None:
        self.components = components

    def process(self, table: np.ndarray) -> dict[str, np.ndarray]:
        centred = table - table.mean(axis=0)
        left, values, right = np.linalg.svd(centred, full_matrices=False)
        kept = slice(self.components)
        return {
            "components": right[kept],
            "scores": left[:, kept] * values[kept],
            "explained": (values**2 / np.sum(values**2))[kept],
        }


class LeastSquares:
    """A linear model fitted to the last column."""

    def process(self, table: np.ndarray) -> dict[str, object]:
        inputs = np.column_stack([np.ones(len(table)), table[:, :-1]])
        weights, residual, rank, _ = np.linalg.lstsq(inputs, table[:, -1])
        return {"weights": weights, "residual": residual, "rank": int(rank), "fitted": inputs @ weights}


class PolynomialFit:
    """A cubic through noisy points, on Chebyshev's basis and on the plain one."""

    def process(self, noise: np.ndarray) -> dict[str, np.ndarray]:
        x = np.linspace(-1, 1, len(noise))
        y = 1 - 2 * x + 0.5 * x**3 + 0.1 * noise
        fitted = np.polynomial.Chebyshev.fit(x, y, 3)
        plain = np.polyfit(x, y, 3)
        roots = np.sort(fitted.roots().real)
        return {"chebyshev": fitted.coef, "plain": plain, "values": np.polyval(plain, x), "roots": roots}


class KMeansStep:
    """Points to their nearest centre, and centres to the mean of their points."""

    def __init__(self, clusters: int) -> None:
        self.clusters = clusters

    def process(self, points: np.ndarray) -> dict[str, np.ndarray]:
        centres = points[: self.clusters]
        distances = ((points[:, None] - centres) ** 2).sum(axis=2)
        labels = distances.argmin(axis=1)
        moved = np.stack([points[labels == label].mean(axis=0) for label in range(self.clusters)])
        return {"labels": labels.astype("i4"), "centres": moved, "inertia": distances.min(axis=1).sum()}


class Distances:
    """Euclidean by the binomial formula, Manhattan, Chebyshev and cosine."""

    def process(self, points: np.ndarray) -> dict[str, np.ndarray]:
        squares = np.einsum("ij,ij->i", points, points)
        apart = points[:, None] - points
        lengths = np.sqrt(squares)
        return {
            "euclidean_squared": squares[:, None] + squares - 2 * (points @ points.T),
            "manhattan": np.abs(apart).sum(axis=2),
            "chebyshev": np.abs(apart).max(axis=2),
            "cosine": points @ points.T / np.outer(lengths, lengths),
        }
