"""Kernels on matrices; the size is the number of rows."""

import numpy as np

from kernel import Kernel, floats, integers, matrix


class MatrixProduct(Kernel):
    """float64 matrices multiplied."""

    def __init__(self, size: int) -> None:
        self.left, self.right = matrix(size), matrix(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left @ self.right


class MatrixProductSingles(Kernel):
    """float32 matrices multiplied."""

    def __init__(self, size: int) -> None:
        self.left, self.right = matrix(size).astype("f4"), matrix(size, seed=2).astype("f4")

    def run(self) -> np.ndarray:
        return self.left @ self.right


class MatrixProductIntegers(Kernel):
    """int64 matrices multiplied, without a BLAS on either side."""

    def __init__(self, size: int) -> None:
        self.left = integers(size * size).reshape(size, size)
        self.right = integers(size * size, seed=2).reshape(size, size)

    def run(self) -> np.ndarray:
        return self.left @ self.right


class MatrixProductTransposed(Kernel):
    """A matrix by its own transpose, which is symmetric."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size)

    def run(self) -> np.ndarray:
        return self.values @ self.values.T


class MatrixVector(Kernel):
    """A matrix by a vector, from both sides."""

    def __init__(self, size: int) -> None:
        self.values, self.vector = matrix(size), floats(size)

    def run(self) -> np.ndarray:
        return self.values @ self.vector + self.vector @ self.values


class Dot(Kernel):
    """The dot product of two vectors."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.float64:
        return np.dot(self.left, self.right)


class Norm(Kernel):
    """The Euclidean norm of a vector."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.float64:
        return np.linalg.norm(self.values)


class StackedProducts(Kernel):
    """Many matrices of 4 by 4 multiplied."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size * 16).reshape(-1, 4, 4), floats(size * 16, seed=2).reshape(-1, 4, 4)

    def run(self) -> np.ndarray:
        return self.left @ self.right


class EinsteinRows(Kernel):
    """einsum: the dot products of rows."""

    def __init__(self, size: int) -> None:
        self.left, self.right = matrix(size), matrix(size, seed=2)

    def run(self) -> np.ndarray:
        return np.einsum("ij,ij->i", self.left, self.right)


class EinsteinBatch(Kernel):
    """einsum: three indices summed over one, without the help of a BLAS."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size * 64).reshape(size, 8, 8), floats(size * 64, seed=2).reshape(size, 8, 8)

    def run(self) -> np.ndarray:
        return np.einsum("bij,bjk->bik", self.left, self.right)


class Solve(Kernel):
    """A system of equations solved."""

    def __init__(self, size: int) -> None:
        self.values, self.right = matrix(size) + size * np.eye(size), floats(size * 4).reshape(size, 4)

    def run(self) -> np.ndarray:
        return np.linalg.solve(self.values, self.right)


class Inverse(Kernel):
    """A matrix inverted."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size) + size * np.eye(size)

    def run(self) -> np.ndarray:
        return np.linalg.inv(self.values)


class Determinant(Kernel):
    """The sign and the logarithm of a determinant."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size) + size * np.eye(size)

    def run(self) -> np.ndarray:
        return np.array(np.linalg.slogdet(self.values))


class SingularValues(Kernel):
    """Singular values without their vectors."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size)

    def run(self) -> np.ndarray:
        return np.linalg.svd(self.values, compute_uv=False)


class LowRank(Kernel):
    """An SVD with its vectors, put together again from half of them."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size)

    def run(self) -> np.ndarray:
        left, values, right = np.linalg.svd(self.values)
        half = len(values) // 2
        return (left[:, :half] * values[:half]) @ right[:half]


class SymmetricEigenvalues(Kernel):
    """The eigenvalues of a symmetric matrix."""

    def __init__(self, size: int) -> None:
        values = matrix(size)
        self.values = values + values.T

    def run(self) -> np.ndarray:
        return np.linalg.eigvalsh(self.values)


class Orthogonal(Kernel):
    """A QR decomposition; the magnitudes of R, as its signs are LAPACK's to choose."""

    def __init__(self, size: int) -> None:
        self.values = matrix(size)

    def run(self) -> np.ndarray:
        return np.abs(np.linalg.qr(self.values, mode="r"))


class Cholesky(Kernel):
    """The Cholesky factor of a positive matrix."""

    def __init__(self, size: int) -> None:
        values = matrix(size)
        self.values = values @ values.T + size * np.eye(size)

    def run(self) -> np.ndarray:
        return np.linalg.cholesky(self.values)


class LeastSquares(Kernel):
    """An overdetermined system, solved by least squares."""

    def __init__(self, size: int) -> None:
        self.values, self.right = floats(size * 8).reshape(size, 8), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return np.linalg.lstsq(self.values, self.right)[0]


class Kronecker(Kernel):
    """A Kronecker product with a small matrix."""

    def __init__(self, size: int) -> None:
        self.values, self.small = matrix(size), matrix(4, seed=2)

    def run(self) -> np.ndarray:
        return np.kron(self.values, self.small)


class MatrixPower(Kernel):
    """The seventh power of a matrix of integers that wrap."""

    def __init__(self, size: int) -> None:
        self.values = integers(size * size).reshape(size, size)

    def run(self) -> np.ndarray:
        return np.linalg.matrix_power(self.values, 7)
