//! The elements of two arrays of one shape. Whatever differs in them is one divergence.

use parallax_runtime::array::{Array, Dtype};
use sha2::{Digest as _, Sha256};

use super::element::{
    Leaf, Way, has_part, indices, is_inside, is_integer, leaves, pairs, subscript,
};
use super::float::Judged;
use crate::path::{OutcomePath, Step};
use crate::verdict::canonical::bytes;
use crate::verdict::divergence::{Divergence, ElementDifference, Elements};
use crate::verdict::findings::Findings;
use crate::verdict::policy::{Distance, Place, Policies, Rule, Worst};
use crate::verdict::shown;

/// Upper bound on the elements that a divergence lists; of more it gives the first ones, the worst, the count and a digest.
const LISTED: usize = 8;

/// Upper bound on the characters of that list; a longer one is a digest, too.
const LISTED_CHARACTERS: usize = 300;

/// How many elements are looked at as one, to pass over equal ones.
const BLOCK: usize = 256;

/// A policy, and the steps from the array to where it holds; none for the array as a whole.
struct Rank<'p> {
    place: &'p Place,
    steps: &'p [Step],
    /// The largest magnitude among the reference's finite numbers there, for a norm.
    largest: f64,
    allowed: Option<Worst>,
}

/// Compares the elements of two arrays of one shape and of comparable dtypes, each under the policy that holds where it is.
///
/// Gives what is left unsaid by comparing numbers in the narrower of two precisions: how many elements differ beyond it, with a digest.
pub(super) fn compare_elements<'p>(
    findings: &mut Findings<'p>,
    place: &'p Place,
    path: &OutcomePath,
    reference: &Array,
    candidate: &Array,
) -> Option<Rounded> {
    let mut ranks = ranks(findings.policies(), place, path);
    let (left, right) = (reference.data(), candidate.data());
    measure(&mut ranks, reference, &left);
    let mut differing = Differing::new(reference, candidate);
    let mut rounded = Noted::default();
    let shape = reference.shape();
    for_each_pair(
        [(reference.dtype(), &left), (candidate.dtype(), &right)],
        reference.len(),
        &mut |index, ways, a, b| {
            let rank = rank_at(&ranks, index, shape, ways);
            let Some(Rank {
                place,
                largest,
                allowed,
                ..
            }) = ranks.get_mut(rank)
            else {
                return;
            };
            match a.judge(&b, place, *largest) {
                Judged::Same => {}
                Judged::Rounded => rounded.note(index, ways, &a, &b),
                Judged::Allowed(distance) => allowed.get_or_insert_default().see(distance),
                Judged::Differ(distance) => differing.note(index, ways, &a, &b, distance),
            }
        },
    );
    for rank in &ranks {
        if let Some(allowed) = &rank.allowed {
            findings.allow_up_to(&rank.place.policy, allowed);
        }
    }
    if let Some(divergence) = differing.divergence(path, reference, candidate) {
        findings.push(divergence);
    }
    (rounded.count > 0).then(|| Rounded {
        count: rounded.count,
        digests: rounded.digests.map(Digest::finish),
    })
}

/// Elements that are the same only in the narrower of two precisions.
pub(super) struct Rounded {
    pub count: u64,
    /// Of those elements on both sides, as they are.
    pub digests: [String; 2],
}

/// The policies that hold in an array, the least precise first.
fn ranks<'p>(policies: &'p Policies, place: &'p Place, path: &OutcomePath) -> Vec<Rank<'p>> {
    let mut within: Vec<(&Place, &[Step])> = policies
        .within(path)
        .into_iter()
        .map(|(index, steps)| (&policies.places()[index], steps))
        .collect();
    within.sort_by_key(|(place, _)| place.path.precision());
    let whole: (&Place, &[Step]) = (place, &[]);
    std::iter::once(whole)
        .chain(within)
        .map(|(place, steps)| Rank {
            place,
            steps,
            largest: 0.0,
            allowed: None,
        })
        .collect()
}

/// The most precise of the policies that hold for a leaf.
fn rank_at(ranks: &[Rank<'_>], index: usize, shape: &[u64], ways: &[Way<'_>]) -> usize {
    if ranks.len() == 1 {
        return 0;
    }
    let at = indices(index, shape);
    ranks
        .iter()
        .rposition(|rank| is_at(rank.steps, &at, ways))
        .unwrap_or_default()
}

/// Whether steps from an array lead to a leaf: the index of its element, then the way within the element. Without an index, that part of every element is meant.
pub(super) fn is_at(steps: &[Step], at: &[u64], ways: &[Way<'_>]) -> bool {
    let mut rest = match steps.split_first() {
        Some((Step::Index(index), rest)) => {
            if index != at {
                return false;
            }
            rest
        }
        Some((Step::AnyIndex, rest)) => rest,
        _ => steps,
    };
    for way in ways {
        match rest.split_first() {
            None => return true,
            Some((step, others)) if way.is_taken_by(step) => rest = others,
            // The index within a field may be left out, too.
            Some((Step::Key(_), _)) if matches!(way, Way::Item(..)) => {}
            Some(_) => return false,
        }
    }
    rest.is_empty()
}

/// Whether steps that a policy names lead to some element of an array, or to a part of its elements.
pub(super) fn leads_somewhere(steps: &[Step], array: &Array) -> bool {
    let (inside, rest) = match steps.split_first() {
        Some((Step::Index(index), rest)) => (is_inside(index, array.shape()), rest),
        Some((Step::AnyIndex, rest)) => (!array.shape().is_empty(), rest),
        _ => (true, steps),
    };
    inside && !array.is_empty() && has_part(array.dtype(), rest)
}

/// Finds what norms are relative to, where there are any.
fn measure(ranks: &mut [Rank<'_>], reference: &Array, data: &[u8]) {
    let is_relative = |rank: &Rank<'_>| {
        matches!(rank.place.policy.rule, Rule::Norm(_)) && rank.place.scale.is_none()
    };
    if !ranks.iter().any(is_relative) {
        return;
    }
    let shape = reference.shape();
    let side = (reference.dtype(), data);
    for_each_leaf(side, reference.len(), &mut |index, ways, leaf| {
        let number = leaf.number().filter(|number| number.is_finite());
        let rank = rank_at(ranks, index, shape, ways);
        if let (Some(number), Some(rank)) = (number, ranks.get_mut(rank)) {
            rank.largest = rank.largest.max(number.abs());
        }
    });
}

pub(super) type Side<'a> = (&'a Dtype, &'a [u8]);

/// An element, which may have no bytes.
fn element(data: &[u8], index: usize, size: usize) -> &[u8] {
    &data[index * size..(index + 1) * size]
}

/// Calls `take` with every leaf of an array.
pub(super) fn for_each_leaf<'a>(
    (dtype, data): Side<'a>,
    count: u64,
    take: &mut dyn FnMut(usize, &[Way<'a>], Leaf<'a>),
) {
    let size = bytes(dtype);
    let mut ways = Vec::new();
    for index in 0..usize::try_from(count).unwrap_or_default() {
        let side = (dtype, element(data, index, size));
        pairs(side, side, &mut ways, &mut |ways, leaf, _| {
            take(index, ways, leaf);
        });
    }
}

/// Takes the index of an element, the way to a leaf within it, and the leaf on both sides.
type TakePair<'t, 'a> = &'t mut dyn FnMut(usize, &[Way<'a>], Leaf<'a>, Leaf<'a>);

/// Calls `take` with every pair of leaves of two arrays, but for those of elements whose bytes are the same.
fn for_each_pair<'a>(
    [(dtype, left), (other, right)]: [Side<'a>; 2],
    count: u64,
    take: TakePair<'_, 'a>,
) {
    let (size, other_size) = (bytes(dtype), bytes(other));
    let same_dtype = dtype == other;
    if same_dtype && size == 0 {
        return;
    }
    let mut ways = Vec::new();
    let count = usize::try_from(count).unwrap_or_default();
    let mut index = 0;
    while index < count {
        let end = count.min(index + BLOCK);
        if same_dtype && left[index * size..end * size] == right[index * size..end * size] {
            index = end;
            continue;
        }
        for index in index..end {
            let (a, b) = (
                element(left, index, size),
                element(right, index, other_size),
            );
            if !(same_dtype && a == b) {
                pairs((dtype, a), (other, b), &mut ways, &mut |ways, a, b| {
                    take(index, ways, a, b);
                });
            }
        }
        index = end;
    }
}

/// What differs between the elements of two arrays.
struct Differing<'a> {
    shape: &'a [u64],
    noted: Noted,
    of: u64,
    listed: Vec<ElementDifference>,
    worst: Option<ElementDifference>,
    silent: bool,
}

/// Elements that are counted, and identified by a digest of their places and values on each side.
#[derive(Default)]
struct Noted {
    count: u64,
    digests: [Digest; 2],
}

impl Noted {
    fn note(&mut self, index: usize, ways: &[Way<'_>], reference: &Leaf<'_>, candidate: &Leaf<'_>) {
        self.count += 1;
        for (digest, leaf) in self.digests.iter_mut().zip([reference, candidate]) {
            digest.update(&(index as u64).to_le_bytes());
            for way in ways {
                let step = way.step().to_string();
                digest.update(&step.len().to_le_bytes());
                digest.update(step.as_bytes());
            }
            leaf.identify(&mut |bytes| digest.update(bytes));
        }
    }
}

/// A hash of many small pieces, which are gathered first: each update costs as much as hashing a few dozen bytes.
#[derive(Default)]
struct Digest {
    hash: Sha256,
    waiting: Vec<u8>,
}

impl Digest {
    fn update(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= 4096 {
            self.hash.update(&self.waiting);
            self.waiting.clear();
        }
    }

    fn finish(mut self) -> String {
        self.hash.update(&self.waiting);
        shown::finish(self.hash)
    }
}

impl<'a> Differing<'a> {
    fn new(reference: &'a Array, candidate: &Array) -> Self {
        Differing {
            shape: reference.shape(),
            noted: Noted::default(),
            of: reference.len().saturating_mul(leaves(reference.dtype())),
            listed: Vec::new(),
            worst: None,
            silent: is_integer(reference.dtype()) && is_integer(candidate.dtype()),
        }
    }

    fn note(
        &mut self,
        index: usize,
        ways: &[Way<'_>],
        reference: &Leaf<'_>,
        candidate: &Leaf<'_>,
        distance: Option<Distance>,
    ) {
        self.noted.note(index, ways, reference, candidate);
        let known = self.worst.as_ref().and_then(|worst| worst.distance);
        let is_worst = larger(distance, known);
        if !is_worst && self.listed.len() >= LISTED {
            return;
        }
        let difference = ElementDifference {
            at: subscript(index, self.shape, ways),
            reference: reference.show(),
            candidate: candidate.show(),
            distance,
        };
        if is_worst {
            self.worst = Some(difference.clone());
        }
        if self.listed.len() < LISTED {
            self.listed.push(difference);
        }
    }

    fn divergence(
        self,
        path: &OutcomePath,
        reference: &Array,
        candidate: &Array,
    ) -> Option<Divergence> {
        let Noted { count, digests } = self.noted;
        if count == 0 {
            return None;
        }
        let [left, right] = digests.map(Digest::finish);
        let line = |array: &Array, digest: String, value: fn(&ElementDifference) -> &String| {
            let described = shown::form(array);
            let listed: Vec<String> = self
                .listed
                .iter()
                .map(|difference| {
                    format!("{} {}", difference.at, value(difference))
                        .trim_start()
                        .to_owned()
                })
                .collect();
            let listed = listed.join(", ");
            let whole = count == self.listed.len() as u64;
            if whole && listed.chars().nth(LISTED_CHARACTERS).is_none() {
                format!("{described}: {listed}")
            } else {
                format!("{described}: {count} elements, sha256 {digest}")
            }
        };
        let reference = line(reference, left, |difference| &difference.reference);
        let candidate = line(candidate, right, |difference| &difference.candidate);
        Some(Divergence {
            silent: self.silent,
            elements: Some(Elements {
                count,
                of: self.of,
                first: self.listed.into_iter().map(cut).collect(),
                worst: self.worst.map(cut),
            }),
            ..Divergence::new(path.clone(), reference, candidate)
        })
    }
}

/// An element's value may be a long text.
fn cut(difference: ElementDifference) -> ElementDifference {
    ElementDifference {
        reference: shown::text(&difference.reference),
        candidate: shown::text(&difference.candidate),
        ..difference
    }
}

fn larger(found: Option<Distance>, known: Option<Distance>) -> bool {
    match (found, known) {
        (Some(Distance::Ulp(_, found)), Some(Distance::Ulp(_, known))) => found > known,
        (Some(Distance::Norm(found)), Some(Distance::Norm(known))) => found > known,
        (Some(_), None) => true,
        _ => false,
    }
}
