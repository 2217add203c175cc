//! What to do about a difference, by its cause.

use super::exceptions::OUTSIDE;
use crate::verdict::cause::Cause;

/// What speaks for the vector code where it is the order that differs.
pub const REORDERED: &str = "the reference gives another order itself without its vector code";

/// One sentence for whoever ships the pipeline, by the cause and what speaks for it.
pub fn of(cause: Cause, because: &str) -> &'static str {
    match cause {
        Cause::Capability if because == OUTSIDE => {
            "ship what the pipeline reads beside its nodes (`Path(__file__).parent`), and write to the current directory"
        }
        Cause::IntegerWidth => {
            "give the dtype (`dtype=np.int64`), and don't use sizes, hashes or limits of integers as values"
        }
        Cause::FloatStatus => {
            "look at the values (`np.isfinite`) instead of relying on a warning or on `errstate(raise)`"
        }
        Cause::Libm => {
            "allow the distance: a policy with `ulp`, or with `norm` for transforms, for this place in policy.toml"
        }
        Cause::SimdDispatch if because == REORDERED => "ask for a stable order (`kind=\"stable\"`)",
        Cause::SimdDispatch => {
            "allow the distance: a policy with `ulp`, or with `norm` for sums, for this place in policy.toml"
        }
        Cause::Blas => "allow the distance: a policy with `norm` for this place in policy.toml",
        Cause::LibcText => {
            "don't compare or parse a text or number of the C library's; format it yourself, and tell errors by their class"
        }
        Cause::UndefinedInC => {
            "test for such values before the operation (`np.isfinite`, a range check)"
        }
        Cause::Capability => {
            "don't use it in a pipeline that ships to both, or have the ledger expect the difference: `parallax accept ID --review`"
        }
        Cause::HashOrder => "sort before the order matters: `sorted(...)`",
        Cause::Stack => "nest or recurse less deeply, or use a loop",
        Cause::Memory => "give the case a larger `memory` limit, or work in pieces",
        Cause::NotDeterministic => {
            "pass time, seed and names in as inputs, and sort what the system lists"
        }
        Cause::Fault => "report it",
        Cause::Unexplained => {
            "`parallax replay` shows all of it; a ledger entry with a cause makes it expected once it is understood"
        }
    }
}
