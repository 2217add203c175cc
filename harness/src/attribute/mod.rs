//! Why two legs differ, and which node does first: by rule and by experiment, only for what is red.
//!
//! A cause that neither a rule nor an experiment names stays unexplained: a wrong reason would be worse than none.

mod exceptions;
mod likeness;
mod nodes;
mod numbers;
mod place;
pub mod remedy;
mod texts;
pub mod witness;

use serde::{Deserialize, Serialize};

use self::likeness::Likeness;
use self::nodes::{Traced, items_differ, made_by};
use self::witness::{Variation, Witnesses};
use crate::case::{Ignored, Limits};
use crate::executor::{Executor, Job};
use crate::outcome::{Ending, Outcome};
use crate::path::{OutcomePath, Step};
use crate::verdict::cause::Cause;
use crate::verdict::compare::compare;
use crate::verdict::divergence::{Divergence, Verdict};
use crate::verdict::policy::Policy;

/// What a comparison's differences come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The first node whose inputs agree and whose outputs, warnings or exception don't; several, where several do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Each cause once, in the order of the differences; what is not understood comes last.
    pub causes: Vec<Attributed>,
}

impl Attribution {
    /// Whether a wrong integer among the differences is one that nothing tells of: a clock's or a platform's is another one by its nature.
    pub fn may_be_silent(&self) -> bool {
        self.causes.iter().any(|one| {
            let by_nature = one.because == numbers::LARGEST;
            match one.cause {
                Cause::IntegerWidth => !by_nature,
                Cause::UndefinedInC | Cause::Fault | Cause::Unexplained => true,
                _ => false,
            }
        })
    }
}

/// A cause, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attributed {
    pub cause: Cause,
    /// The sentence that says what speaks for it.
    pub because: String,
    pub remedy: String,
}

/// Upper bound on the differences of a case that are looked at.
const LOOKED_AT: usize = 100;

/// Where a case is asked again.
pub struct Question<'a> {
    /// The request in JSON.
    pub request: &'a [u8],
    pub job: Job<'a>,
    pub witnesses: &'a Witnesses,
    /// The reference's executor and the candidate's.
    pub executors: [&'a dyn Executor; 2],
    pub outcomes: [&'a Outcome; 2],
    /// Those that make the case red.
    pub divergences: &'a [&'a Divergence],
}

/// Attributes the differences of one comparison.
pub fn attribute(question: &Question<'_>) -> Attribution {
    let traced = Traced::of(question.request);
    let request = traced
        .as_ref()
        .map_or(question.request, |traced| &traced.request);
    let job = Job {
        request,
        transport: Default::default(),
        ..question.job
    };
    let run = |executor: &dyn Executor| executor.run(job).ok().map(|answer| answer.outcome);
    let again = question.executors.map(run);
    let mut examined = Examined {
        question,
        job,
        varied: Vec::new(),
        source: None,
    };
    let [Some(reference), Some(candidate)] = &again else {
        return examined.of_case(None);
    };
    let Some(traced) = &traced else {
        return examined.of_case(None);
    };
    // A node that has failed on one leg lacks outputs for just that.
    let failed = question.outcomes.map(failed_node);
    let mut differing = traced.first_differing([reference, candidate]);
    differing.retain(|first| !failed.contains(&Some(&first.id)));
    let beside = node_beside_outputs(question);
    let mut nodes: Vec<String> = differing.iter().map(|first| first.id.clone()).collect();
    if let Some(beside) = beside
        && !nodes.contains(&beside)
    {
        nodes.insert(0, beside);
    }
    if nodes.is_empty() {
        nodes.extend(traced.only().map(str::to_owned));
    }
    let source = |id: &str| {
        let node_type = traced.node_type(id)?;
        question.witnesses.source(node_type)
    };
    let mut causes = Vec::new();
    for first in &differing {
        examined.source = source(&first.id);
        for divergence in first.divergences.iter().take(LOOKED_AT) {
            let path = &divergence.path;
            let likeness = place::of_outputs(path, first.outputs);
            causes.push(examined.resolve(likeness, path, Some(&first.id)));
        }
    }
    // Outputs follow from what the nodes have made.
    let rest = |divergence: &&&Divergence| {
        differing.is_empty() || divergence.path.root_name() == "warnings"
    };
    examined.source = nodes.first().and_then(|id| source(id));
    for divergence in question.divergences.iter().filter(rest).take(LOOKED_AT) {
        let likeness = place::likeness(divergence, question.outcomes);
        causes.push(examined.resolve(likeness, &divergence.path, None));
    }
    Attribution {
        node: (!nodes.is_empty()).then(|| nodes.join(", ")),
        causes: each_once(causes),
    }
}

/// The node that a warning, or an exception, of one leg alone names.
fn node_beside_outputs(question: &Question<'_>) -> Option<String> {
    let [reference, candidate] = question.outcomes;
    let failed = |outcome| failed_node(outcome).cloned();
    let warned = || {
        let longer = |a: &Outcome, b: &Outcome| {
            let mut own = a.warnings.iter();
            let missing = own.find(|warning| !b.warnings.contains(warning))?;
            missing.node.clone()
        };
        longer(reference, candidate).or_else(|| longer(candidate, reference))
    };
    failed(candidate)
        .or_else(|| failed(reference))
        .or_else(warned)
}

/// The node in which an execution failed.
fn failed_node(outcome: &Outcome) -> Option<&String> {
    match &outcome.ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => failure.node.as_ref(),
        _ => None,
    }
}

/// A case that is asked again.
struct Examined<'q, 'a> {
    question: &'q Question<'a>,
    /// For what every node makes, where the request can be asked that.
    job: Job<'q>,
    /// What experiments came to so far.
    varied: Vec<(Variation, Option<Outcome>)>,
    /// The source of the node's module.
    source: Option<String>,
}

impl Examined<'_, '_> {
    /// By the outcomes themselves, where no node's outputs tell.
    fn of_case(&mut self, node: Option<String>) -> Attribution {
        let question = self.question;
        let mut causes = Vec::new();
        for divergence in question.divergences.iter().take(LOOKED_AT) {
            let likeness = place::likeness(divergence, question.outcomes);
            causes.push(self.resolve(likeness, &divergence.path, None));
        }
        Attribution {
            node,
            causes: each_once(causes),
        }
    }

    /// What a likeness means, after the experiments that it takes.
    ///
    /// `node` says whose outputs the path leads into; without one it leads into the case's outcome.
    fn resolve(
        &mut self,
        likeness: Option<Likeness>,
        path: &OutcomePath,
        node: Option<&str>,
    ) -> Attributed {
        if let Some(because) = self.is_chance(path, node) {
            return attributed(Cause::NotDeterministic, because);
        }
        if self.names(&["listdir", "scandir", "iterdir", "glob(", "os.walk"])
            && likeness == Some(Likeness::Order)
        {
            return attributed(
                Cause::NotDeterministic,
                "the same items in another order, and a directory lists its files in the order of its file system",
            );
        }
        match likeness {
            Some(Likeness::Is(Cause::Memory, because)) => self.memory(because),
            Some(Likeness::Is(_, numbers::EXTREME)) if !self.names(&CONVERSIONS) => {
                self.unknown(path, node)
            }
            Some(Likeness::Is(_, numbers::ZEROS)) if !self.names(&CHOICES) => {
                self.unknown(path, node)
            }
            Some(Likeness::Is(Cause::LibcText, texts::PADDED)) if !self.names(&TIMES) => {
                self.unknown(path, node)
            }
            Some(Likeness::Is(cause, because)) => attributed(cause, because),
            Some(Likeness::Rounding) => self.rounding(path, node),
            Some(Likeness::Order) => self.order(path, node),
            None => self.unknown(path, node),
        }
    }

    /// A parser says that memory has run out where it is the stack.
    fn memory(&self, because: &'static str) -> Attributed {
        let parses = self.names(&["compile(", "eval(", "exec(", "ast.", "parse("]);
        let [_, candidate] = self.question.outcomes;
        if parses && matches!(candidate.ending, Ending::OutOfMemory(Some(_))) {
            let limits = Limits {
                memory: self.job.limits.memory.saturating_mul(2),
                ..*self.job.limits
            };
            let job = Job {
                limits: &limits,
                ..self.job
            };
            let [_, executor] = self.question.executors;
            let again = executor.run(job).ok().map(|answer| answer.outcome.ending);
            if matches!(again, Some(Ending::OutOfMemory(Some(_)))) {
                return attributed(
                    Cause::Stack,
                    "the candidate's parser runs out of stack, which it calls memory: twice the memory doesn't help",
                );
            }
        }
        attributed(Cause::Memory, because)
    }

    fn rounding(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        if self.varies(Variation::Blas, path, node) {
            return attributed(
                Cause::Blas,
                "the reference gives other digits itself when its BLAS has the code for another processor",
            );
        }
        if self.varies(Variation::Baseline, path, node) {
            return attributed(
                Cause::SimdDispatch,
                "the reference gives other digits itself without its vector code",
            );
        }
        if self.names(&LINEAR_ALGEBRA) {
            return attributed(
                Cause::Blas,
                "the floats are next to each other, and linear algebra is OpenBLAS's natively and numpy's own in WebAssembly",
            );
        }
        if !self.names(&FUNCTIONS) {
            return unexplained();
        }
        attributed(
            Cause::Libm,
            "the floats are next to each other, and neither the vector code nor the BLAS makes the difference",
        )
    }

    fn order(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        if self.varies(Variation::HashSeed, path, node) {
            return attributed(
                Cause::HashOrder,
                "the reference gives another order itself with another seed of hashes",
            );
        }
        if self.varies(Variation::Baseline, path, node) {
            return attributed(
                Cause::SimdDispatch,
                "the reference gives another order itself without its vector code",
            );
        }
        if !self.makes_sets() {
            return unexplained();
        }
        attributed(
            Cause::HashOrder,
            "the node makes sets, and has the same items in another order, which neither chance nor the vector code makes",
        )
    }

    fn unknown(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        if self.names(&WIDTHS) {
            return attributed(
                Cause::IntegerWidth,
                "the node uses sizes, limits or hashes, which are as wide as a pointer",
            );
        }
        // An experiment changes the environment.
        if self.names(&["environ", "getenv"]) {
            return unexplained();
        }
        if self.varies(Variation::HashSeed, path, node) {
            return attributed(
                Cause::HashOrder,
                "the reference gives something else itself with another seed of hashes",
            );
        }
        // An experiment may warn of itself.
        if path.root_name() == "outputs" && self.varies(Variation::Baseline, path, node) {
            return attributed(
                Cause::SimdDispatch,
                "the reference gives something else itself without its vector code",
            );
        }
        unexplained()
    }

    /// Whether the node's source has one of these words, each as it is and not as the end of a longer one.
    fn names(&self, words: &[&str]) -> bool {
        let source = self.source.as_deref().unwrap_or_default();
        let goes_before = |c: char| c.is_alphanumeric() || c == '_';
        words.iter().any(|word| {
            let is_word = word.starts_with(goes_before);
            source.match_indices(word).any(|(index, _)| {
                let line = source[..index].rsplit('\n').next().unwrap_or_default();
                // What stands in quotes is a text.
                let quoted = line.matches(['"', '\'']).count() % 2 == 1;
                !(quoted || is_word && line.ends_with(goes_before))
            })
        })
    }

    /// Whether the node's source has a set, made by name, or written as one.
    fn makes_sets(&self) -> bool {
        let source = self.source.as_deref().unwrap_or_default();
        let written = source.lines().any(|line| {
            line.match_indices('{').any(|(index, _)| {
                let inside = line[index + 1..].split('}').next().unwrap_or_default();
                !inside.is_empty() && !inside.contains(':')
            })
        });
        written || self.names(&["set(", "frozenset("])
    }

    /// How a leg differs from itself at a place, if one does.
    fn is_chance(&mut self, path: &OutcomePath, node: Option<&str>) -> Option<String> {
        let first = self.vary(Variation::Nothing)?.clone();
        let job = self.job;
        let second = self.question.witnesses.ask(Variation::Nothing, job)?;
        if self.differ([&first, &second], path, node) {
            return Some("the reference differs from itself on a second run".to_owned());
        }
        None
    }

    /// Whether an experiment changes what the reference has at a place.
    fn varies(&mut self, variation: Variation, path: &OutcomePath, node: Option<&str>) -> bool {
        let plain = self.vary(Variation::Nothing).cloned();
        let varied = self.vary(variation).cloned();
        match (plain, varied) {
            (Some(plain), Some(varied)) => self.differ([&plain, &varied], path, node),
            _ => false,
        }
    }

    fn vary(&mut self, variation: Variation) -> Option<&Outcome> {
        let known = self
            .varied
            .iter()
            .position(|(known, _)| *known == variation);
        let index = known.unwrap_or_else(|| {
            let outcome = self.question.witnesses.ask(variation, self.job);
            self.varied.push((variation, outcome));
            self.varied.len() - 1
        });
        self.varied[index].1.as_ref()
    }

    /// Whether two outcomes differ at a place, or in what holds it.
    fn differ(&self, sides: [&Outcome; 2], path: &OutcomePath, node: Option<&str>) -> bool {
        let divergences = match node {
            Some(id) => {
                let [a, b] = sides.map(|outcome| made_by(outcome, id).unwrap_or_default());
                items_differ(a, b)
            }
            None => {
                let exact = Policy::exact().into();
                match compare(sides[0], sides[1], &exact, Ignored::default()) {
                    Verdict::Diverged(divergences) => divergences,
                    _ => Vec::new(),
                }
            }
        };
        divergences.iter().any(|divergence| {
            divergence.path.covers(path)
                || path.covers(&divergence.path)
                || without_aspect(&divergence.path) == without_aspect(path)
        })
    }
}

fn without_aspect(path: &OutcomePath) -> (&str, &[Step]) {
    let steps = match path.steps() {
        [holder @ .., Step::Aspect(_)] => holder,
        steps => steps,
    };
    (path.root_name(), steps)
}

/// What a node names that formats a time with the C library.
const TIMES: [&str; 4] = ["strftime", "asctime", "ctime", "strptime"];

/// What a node names that computes with matrices.
const LINEAR_ALGEBRA: [&str; 12] = [
    "linalg",
    " @ ",
    ".dot(",
    "matmul",
    ".inner(",
    ".outer(",
    "einsum",
    "tensordot",
    "polyfit",
    ".cov(",
    "corrcoef",
    "convolve",
];

/// What a node names that makes integers of floats.
const CONVERSIONS: [&str; 4] = ["astype", "int(", "dtype", "np.int"];

/// What a node names that chooses between zeros.
const CHOICES: [&str; 8] = [
    "maximum", "minimum", "max(", "min(", "fmax", "fmin", "sort", "unique",
];

/// What a node names that comes from the C library's mathematics, or is made of it.
const FUNCTIONS: [&str; 9] = [
    "math",
    "np.",
    "numpy",
    "**",
    "pow(",
    "random",
    "statistics",
    "exp",
    "log",
];

/// What a node names that is as wide as a pointer.
const WIDTHS: [&str; 10] = [
    "hash(",
    "getsizeof",
    "__sizeof__",
    "itemsize",
    "calcsize",
    "nbytes",
    "sys.maxsize",
    "iinfo",
    "intp",
    "architecture(",
];

fn unexplained() -> Attributed {
    attributed(
        Cause::Unexplained,
        "no rule and no experiment names a cause",
    )
}

fn attributed(cause: Cause, because: impl Into<String>) -> Attributed {
    Attributed {
        cause,
        because: because.into(),
        remedy: remedy::of(cause).to_owned(),
    }
}

/// The first of each cause; what is unexplained comes last.
fn each_once(all: Vec<Attributed>) -> Vec<Attributed> {
    let mut causes: Vec<Attributed> = Vec::new();
    for one in all {
        if !causes.iter().any(|known| known.cause == one.cause) {
            causes.push(one);
        }
    }
    causes.sort_by_key(|one| one.cause == Cause::Unexplained);
    causes
}
