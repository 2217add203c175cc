//! Arrays: shape, every element as the number or text that it is, dtype, layout.

use parallax_runtime::array::{Array, Dtype, Layout};
use sha2::{Digest as _, Sha256};

use super::element::{incomparable, is_integer};
use super::elements::{Rounded, compare_elements};
use crate::path::OutcomePath;
use crate::verdict::canonical;
use crate::verdict::findings::Findings;
use crate::verdict::policy::Place;
use crate::verdict::shown;

/// Compares two arrays under the policy of their place.
pub(super) fn compare_arrays<'p>(
    findings: &mut Findings<'p>,
    place: &'p Place,
    path: &OutcomePath,
    reference: &Array,
    candidate: &Array,
) {
    let (dtype, other) = (reference.dtype(), candidate.dtype());
    let mut rounded = None;
    if reference.shape() != candidate.shape() {
        findings.differ(
            path.aspect("shape"),
            format!("{:?}", reference.shape()),
            format!("{:?}", candidate.shape()),
        );
        // Which element stands for which is open, so that the values differ as a whole.
        findings.differ(path.clone(), identity(reference), identity(candidate));
    } else if dtype == other && reference.data() == candidate.data() {
        // Nearly always all bytes are equal, and then there is nothing to look at one by one.
    } else if let Some(reason) = incomparable(dtype, other) {
        findings.differ(
            path.clone(),
            identity(reference),
            format!("{} ({reason})", identity(candidate)),
        );
    } else {
        rounded = compare_elements(findings, place, path, reference, candidate);
    }
    if place.policy.narrow_integers && is_narrowed(dtype, other) {
        findings.allow(&place.policy, None);
    } else if dtype != other {
        // What is equal only in the narrower precision is pinned here.
        let side = |dtype: &Dtype, index: usize| match &rounded {
            None => dtype.to_string(),
            Some(Rounded { count, digests }) => format!(
                "{dtype} ({count} elements beyond the other's precision, sha256 {})",
                digests[index]
            ),
        };
        findings.differ(path.aspect("dtype"), side(dtype, 0), side(other, 1));
    }
    let (layout, other) = (reference.layout(), candidate.layout());
    findings.check(path.aspect("layout"), &layout, &other, |layout| {
        match layout {
            Layout::C => "C order",
            Layout::Fortran => "Fortran order",
            Layout::Scalar => "a scalar",
        }
        .to_owned()
    });
}

/// A 64-bit integer here, and a 32-bit one of the same kind and byte order there.
pub fn is_narrowed(reference: &Dtype, candidate: &Dtype) -> bool {
    match (reference, candidate) {
        (
            Dtype::Plain {
                kind: wide,
                size: 8,
                order,
                ..
            },
            Dtype::Plain {
                kind: narrow,
                size: 4,
                order: other,
                ..
            },
        ) => wide == narrow && order == other && is_integer(reference),
        _ => false,
    }
}

/// An array's description and the digest of its elements.
fn identity(array: &Array) -> String {
    let digest = Sha256::new_with_prefix(canonical::data(array));
    format!("{}, sha256 {}", shown::form(array), shown::finish(digest))
}
