//! What each difference comes from: what it looks like, and what experiments say to that.

use super::found::{Attributed, Attribution, Question};
use super::likeness::Likeness;
use super::nodes::{Differing, items_differ, made_by};
use super::place::Orders;
use super::witness::Variation;
use super::words::{self, Words};
use super::{numbers, place, remedy, texts};
use crate::case::{Ignored, Limits};
use crate::executor::Job;
use crate::outcome::{Ending, Outcome};
use crate::path::{OutcomePath, Step};
use crate::verdict::cause::Cause;
use crate::verdict::compare::compare;
use crate::verdict::divergence::{Divergence, Verdict};
use crate::verdict::policy::Policy;

/// Upper bound on the differences that are looked at, of each node and of the case.
const LOOKED_AT: usize = 20_000;

/// A case that is asked again.
pub struct Examined<'q, 'a> {
    question: &'q Question<'a>,
    /// For what every node makes, where the request can be asked that.
    job: Job<'q>,
    /// What the reference does without a change, once it was asked.
    plain: Option<Option<Outcome>>,
    /// What each experiment changes in what a node makes, or in the outcome.
    changes: Vec<(Variation, Option<String>, Vec<Divergence>)>,
    /// What the experiments came to.
    outcomes: Vec<(Variation, Option<Outcome>)>,
    /// Of the node that is looked at.
    words: Words,
    /// Whether the two sides of the difference that is looked at are the same but for numbers.
    are_numbers: bool,
    /// Whether they are integers, or arrays of integers.
    are_integers: bool,
    /// Each with whether it is of the difference that a report shows.
    causes: Vec<(Attributed, bool)>,
}

/// An experiment, and what it means where it changes something.
type Meaning = (Variation, Cause, &'static str);

impl<'q, 'a> Examined<'q, 'a> {
    pub fn new(question: &'q Question<'a>, job: Job<'q>) -> Self {
        Examined {
            question,
            job,
            plain: None,
            changes: Vec::new(),
            outcomes: Vec::new(),
            words: Words::default(),
            are_numbers: false,
            are_integers: false,
            causes: Vec::new(),
        }
    }

    /// Takes a node's source for what is looked at next.
    pub fn read(&mut self, node_type: Option<&str>) {
        let words = node_type.and_then(|node_type| {
            let (module, class) = node_type.split_once(':')?;
            Some(Words::of(&self.question.witnesses.module(module)?, class))
        });
        self.words = words.unwrap_or_default();
    }

    /// Looks at what a node has made.
    pub fn node(&mut self, first: &Differing<'_>) {
        let mut orders = self.orders();
        self.look(&first.divergences, Some(&first.id), |divergence| {
            place::of_outputs(&divergence.path, first.outputs, &mut orders)
        });
    }

    /// Looks at the case's own differences, those that are asked for.
    pub fn case(&mut self, asked: impl Fn(&Divergence) -> bool) {
        let question = self.question;
        let divergences = question.divergences.iter().copied();
        let divergences = divergences.filter(|divergence| asked(divergence));
        let mut orders = self.orders();
        self.look(divergences, None, |divergence| {
            place::likeness(divergence, question.outcomes, &mut orders)
        });
    }

    /// A node that catches tells of what was raised; where integers are cut, another branch may have raised it.
    fn orders(&self) -> Orders {
        let catches = self.words.names(&words::CATCHES) && !self.words.names(&words::INTEGERS);
        Orders::new(catches)
    }

    fn look<'d>(
        &mut self,
        divergences: impl IntoIterator<Item = &'d Divergence>,
        node: Option<&str>,
        mut likeness: impl FnMut(&Divergence) -> Option<Likeness>,
    ) {
        let divergences: Vec<&Divergence> = divergences.into_iter().collect();
        let lengths: Vec<&[Step]> = divergences
            .iter()
            .filter_map(|divergence| match divergence.path.steps() {
                [list @ .., Step::Aspect(aspect)] if aspect == "length" => Some(list),
                _ => None,
            })
            .collect();
        // What a list lacks is what its length says.
        let is_told = |divergence: &Divergence| {
            let lacks = [&divergence.reference, &divergence.candidate].map(|it| it == "nothing");
            let holder = divergence.path.steps().split_last();
            lacks != [false; 2] && holder.is_some_and(|(_, list)| lengths.contains(&list))
        };
        let divergences = divergences.iter().filter(|one| !is_told(one));
        for (index, divergence) in divergences.enumerate() {
            if index == LOOKED_AT {
                let because = "there are more differences than were looked at";
                self.causes.push((Attributed::unexplained(because), false));
                return;
            }
            self.are_numbers = only_numbers_differ(&divergence.reference, &divergence.candidate);
            self.are_integers = are_integers(divergence);
            let one = self.resolve(likeness(divergence), &divergence.path, node);
            let first = self.question.divergences.first();
            // What a node has made may stand elsewhere in the outputs, or be another value by then.
            let is_shown = first.is_some_and(|first| {
                let same = |a: &Divergence, b: &Divergence| {
                    a.reference == b.reference && a.candidate == b.candidate
                };
                same(first, divergence) && (node.is_some() || first.path == divergence.path)
            });
            let one = Attributed {
                place: divergence.path.clone(),
                node: node.map(str::to_owned),
                ..one
            };
            self.causes.push((one, is_shown));
        }
    }

    /// The first of each cause.
    pub fn attribution(self, nodes: Vec<String>) -> Attribution {
        let mut causes = self.causes;
        // Stable, so that of each cause the first one stays.
        causes.sort_by_key(|(one, is_shown)| (!is_shown, one.cause == Cause::Unexplained));
        let first_is_shown = causes.first().is_some_and(|(_, is_shown)| *is_shown);
        let mut once: Vec<Attributed> = Vec::new();
        for (one, _) in causes {
            if !once.iter().any(|known| known.cause == one.cause) {
                once.push(one);
            }
        }
        Attribution {
            nodes,
            causes: once,
            first_is_shown,
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
        const CHANCE: [Meaning; 1] = [(
            Variation::Again,
            Cause::NotDeterministic,
            "the reference differs from itself on a second run",
        )];
        if let Some(chance) = self.experiment(&CHANCE, path, node) {
            return chance;
        }
        let names = |words: &[&str]| self.words.names(words);
        match likeness {
            Some(Likeness::Order) if names(&words::LISTINGS) && !self.words.make_sets() => {
                Attributed::new(
                    Cause::NotDeterministic,
                    "the same items in another order, and a directory lists its files in the order of its file system",
                )
            }
            Some(Likeness::Order) => self.order(path, node),
            Some(Likeness::Rounding) => self.rounding(path, node),
            Some(Likeness::Is(Cause::Memory, because)) => self.memory(because),
            Some(Likeness::Is(cause, because)) => {
                // A guess that the node's source has to bear out.
                let needed: &[&str] = match because {
                    numbers::EXTREME => &words::CONVERSIONS,
                    numbers::WRAPPED_FLOAT => &words::INTEGERS,
                    numbers::ZEROS => &words::CHOICES,
                    numbers::ERRNO => &words::NUMBERS_OF_ERRORS,
                    texts::PADDED => &words::TIMES,
                    _ => &[],
                };
                if needed.is_empty() || names(needed) {
                    Attributed::new(cause, because)
                } else {
                    self.unknown(path, node)
                }
            }
            None => self.unknown(path, node),
        }
    }

    /// A parser says that memory has run out where it is the stack.
    fn memory(&self, because: &str) -> Attributed {
        let [_, candidate] = self.question.outcomes;
        if self.words.names(&words::PARSERS)
            && matches!(candidate.ending, Ending::OutOfMemory(Some(_)))
        {
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
                return Attributed::new(
                    Cause::Stack,
                    "the candidate's parser runs out of stack, which it calls memory: twice the memory doesn't help",
                );
            }
        }
        Attributed::new(Cause::Memory, because)
    }

    fn rounding(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        const MEANINGS: [Meaning; 2] = [
            (
                Variation::Blas,
                Cause::Blas,
                "the reference gives other digits itself when its BLAS has the code for another processor",
            ),
            (
                Variation::Baseline,
                Cause::SimdDispatch,
                "the reference gives other digits itself without its vector code",
            ),
        ];
        if let Some(found) = self.experiment(&MEANINGS, path, node) {
            return found;
        }
        let both = self.words.names(&words::LINEAR_ALGEBRA) && self.words.names(&words::OF_LIBM);
        if both {
            // Where another BLAS changes something, it would change what comes of it.
            return match self.changes(Variation::Blas, node) {
                [] => Attributed::unexplained(
                    "the floats are next to each other, and the node has both linear algebra and functions of the C library",
                ),
                _ => Attributed::new(
                    Cause::Libm,
                    "the floats are next to each other, and the BLAS, which makes a difference elsewhere in the node, makes none here",
                ),
            };
        }
        let others = [&words::LINEAR_ALGEBRA[..], &words::OF_LIBM];
        if self.words.names(&words::SUMS) && !others.iter().any(|it| self.words.names(it)) {
            return Attributed::new(
                Cause::SimdDispatch,
                "the floats are next to each other, and numpy's own loop adds products in another order with other vectors",
            );
        }
        if self.words.names(&words::LINEAR_ALGEBRA) {
            return Attributed::new(
                Cause::Blas,
                "the floats are next to each other, and linear algebra is OpenBLAS's natively and numpy's own in WebAssembly",
            );
        }
        if !self.words.names(&words::FUNCTIONS) {
            return unexplained();
        }
        Attributed::new(
            Cause::Libm,
            "the floats are next to each other, and neither the vector code nor the BLAS makes the difference",
        )
    }

    fn order(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        const MEANINGS: [Meaning; 2] = [
            (
                Variation::HashSeed,
                Cause::HashOrder,
                "the reference gives another order itself with another seed of hashes",
            ),
            (Variation::Baseline, Cause::SimdDispatch, remedy::REORDERED),
        ];
        // Another order may leave some items where they are.
        let root = OutcomePath::root(path.root_name());
        let item = path.steps().first();
        let item = item.map_or_else(|| root.clone(), |step| root.step(step.clone()));
        if let Some(found) = self.experiment(&MEANINGS, &item, node) {
            return found;
        }
        let others = [&words::INTEGERS[..], &words::LISTINGS];
        if !self.words.make_sets() || others.iter().any(|it| self.words.names(it)) {
            // Few numbers may look like others in another order, and keys of cut integers sort otherwise.
            return self.unknown(path, node);
        }
        Attributed::new(
            Cause::HashOrder,
            "the node makes sets, and has the same items in another order, which neither chance nor the vector code makes",
        )
    }

    fn unknown(&mut self, path: &OutcomePath, node: Option<&str>) -> Attributed {
        const MEANINGS: [Meaning; 2] = [
            (
                Variation::HashSeed,
                Cause::HashOrder,
                "the reference gives something else itself with another seed of hashes",
            ),
            (
                Variation::Baseline,
                Cause::SimdDispatch,
                "the reference gives something else itself without its vector code",
            ),
        ];
        // An experiment changes the environment, and numpy may warn of it.
        let untouched = path.root_name() != "warnings" && !self.words.names(&words::ENVIRONMENT);
        let found = untouched.then(|| self.experiment(&MEANINGS, path, node));
        found
            .flatten()
            .or_else(|| self.by_words())
            .unwrap_or_else(|| self.branch(path))
    }

    /// What the node's source names, where it names nothing else that could be the cause.
    fn by_words(&self) -> Option<Attributed> {
        let others = [
            &words::OF_LIBM[..],
            &words::LINEAR_ALGEBRA,
            &words::LISTINGS,
        ];
        let is_alone = !self.words.make_sets() && !others.iter().any(|it| self.words.names(it));
        if is_alone && self.are_numbers && self.words.names(&words::WIDTHS) {
            return Some(Attributed::new(
                Cause::IntegerWidth,
                "the node uses sizes, limits or hashes, which are as wide as a pointer",
            ));
        }
        if self.are_integers && self.words.names(&words::OF_THE_SYSTEM) {
            return Some(Attributed::new(
                Cause::Capability,
                "the node uses numbers of the system's own (modes, devices, descriptors), of which each system has others",
            ));
        }
        if self.are_integers && self.words.names(&words::CONVERSIONS) && self.warns_of_a_cast() {
            return Some(Attributed::new(
                Cause::UndefinedInC,
                "the reference warns that it makes an integer of a float that no integer of the type is near to",
            ));
        }
        None
    }

    /// What is left: a node that asks where it runs, and goes another way there.
    fn branch(&self, path: &OutcomePath) -> Attributed {
        let is_of_values = matches!(path.root_name(), "outcome" | "outputs" | "error");
        // Where integers are cut, another branch may have been taken for that.
        if self.words.names(&words::INTEGERS) {
            return unexplained();
        }
        if is_of_values && self.words.names(&words::PLATFORM) {
            return Attributed::new(
                Cause::Capability,
                "the node asks on what platform it runs, and no experiment makes the difference",
            );
        }
        if path.root_name() == "outcome" && self.words.names(&words::WIDTHS) {
            return Attributed::new(
                Cause::IntegerWidth,
                "one leg alone fails, and the node uses sizes, limits or hashes, which are as wide as a pointer",
            );
        }
        unexplained()
    }

    fn warns_of_a_cast(&self) -> bool {
        let [reference, _] = self.question.outcomes;
        let mut warnings = reference.warnings.iter();
        warnings.any(|warning| {
            warning
                .message
                .contains("invalid value encountered in cast")
        })
    }

    /// The first of some experiments that changes what the reference has at a place.
    fn experiment(
        &mut self,
        meanings: &[Meaning],
        path: &OutcomePath,
        node: Option<&str>,
    ) -> Option<Attributed> {
        let found = meanings.iter().find(|(variation, ..)| {
            let changes = self.changes(*variation, node);
            changes.iter().any(|change| concerns(&change.path, path))
        });
        found.map(|(_, cause, because)| Attributed::new(*cause, because))
    }

    /// What an experiment changes, found out once.
    fn changes(&mut self, variation: Variation, node: Option<&str>) -> &[Divergence] {
        let known = |(of, at, _): &(Variation, Option<String>, _)| {
            *of == variation && at.as_deref() == node
        };
        let index = self.changes.iter().position(known).unwrap_or_else(|| {
            self.run(variation);
            let varied = self.outcomes.iter().find(|(of, _)| *of == variation);
            let varied = varied.and_then(|(_, outcome)| outcome.as_ref());
            let changes = match (self.plain.as_ref().and_then(Option::as_ref), varied) {
                (Some(plain), Some(varied)) => differences([plain, varied], node),
                _ => Vec::new(),
            };
            let node = node.map(str::to_owned);
            self.changes.push((variation, node, changes));
            self.changes.len() - 1
        });
        &self.changes[index].2
    }

    fn run(&mut self, variation: Variation) {
        let (witnesses, job) = (self.question.witnesses, self.job);
        self.plain
            .get_or_insert_with(|| witnesses.ask(Variation::Nothing, job));
        if !self.outcomes.iter().any(|(of, _)| *of == variation) {
            self.outcomes
                .push((variation, witnesses.ask(variation, job)));
        }
    }
}

/// In what a node's outputs, or two outcomes, differ.
fn differences(sides: [&Outcome; 2], node: Option<&str>) -> Vec<Divergence> {
    if let Some(id) = node {
        let [a, b] = sides.map(|outcome| made_by(outcome, id).unwrap_or_default());
        return items_differ(a, b);
    }
    let exact = Policy::exact().into();
    match compare(sides[0], sides[1], &exact, Ignored::default()) {
        Verdict::Diverged(divergences) => divergences,
        Verdict::Equal | Verdict::WithinPolicy(_) => Vec::new(),
    }
}

/// Whether one of two places holds the other, or both are of the same value.
fn concerns(one: &OutcomePath, other: &OutcomePath) -> bool {
    one.covers(other) || other.covers(one) || without_aspect(one) == without_aspect(other)
}

fn without_aspect(path: &OutcomePath) -> (&str, &[Step]) {
    let steps = match path.steps() {
        [holder @ .., Step::Aspect(_)] => holder,
        steps => steps,
    };
    (path.root_name(), steps)
}

fn are_integers(divergence: &Divergence) -> bool {
    let is_integer = |text: &str| text.parse::<i128>().is_ok();
    match &divergence.elements {
        Some(elements) => elements
            .first
            .iter()
            .all(|one| is_integer(&one.reference) && is_integer(&one.candidate)),
        None => is_integer(&divergence.reference) && is_integer(&divergence.candidate),
    }
}

fn only_numbers_differ(one: &str, other: &str) -> bool {
    let has_digits = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let without = |text: &str| -> String {
        let kept = text.chars().filter(|c| !c.is_ascii_digit() && *c != '-');
        kept.collect()
    };
    has_digits(one) && has_digits(other) && without(one) == without(other)
}

fn unexplained() -> Attributed {
    Attributed::unexplained("no rule and no experiment names a cause")
}
