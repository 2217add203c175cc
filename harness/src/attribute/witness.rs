//! Experiments: the reference once more, with one thing changed.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::executor::{Executor, Job};
use crate::leg::table::Workshop;
use crate::outcome::Outcome;

/// What is changed in an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Nothing: what differs then is chance.
    Nothing,
    /// The seed of hashes of texts.
    HashSeed,
    /// numpy's vector code, which goes by the processor, is left out.
    Baseline,
    /// OpenBLAS has the code for another processor.
    Blas,
}

impl Variation {
    const ALL: [Variation; 4] = [
        Variation::Nothing,
        Variation::HashSeed,
        Variation::Baseline,
        Variation::Blas,
    ];

    fn variables(self) -> Vec<(&'static str, String)> {
        let one = |name, value: &str| vec![(name, value.to_owned())];
        match self {
            Variation::Nothing => Vec::new(),
            Variation::HashSeed => one("PYTHONHASHSEED", "1"),
            Variation::Baseline => one("NPY_DISABLE_CPU_FEATURES", DISPATCHED),
            Variation::Blas => one("OPENBLAS_CORETYPE", "PRESCOTT"),
        }
    }
}

/// What numpy of x86-64 chooses code by at run time; names that a build or a processor doesn't know are warned of and have no effect.
const DISPATCHED: &str = "SSE42 AVX2 FMA3 X86_V3 X86_V4 AVX512F AVX512CD AVX512_KNL AVX512_KNM AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR";

/// Makes the executors of experiments when one is asked for.
pub struct Witnesses {
    workshop: Workshop,
    made: [OnceLock<Option<Box<dyn Executor>>>; 4],
    /// Cases that have been explained.
    explained: AtomicUsize,
}

/// Upper bound on the cases of a run that are explained: each takes some processes, and of hundreds nobody reads on.
const EXPLAINED: usize = 200;

impl Witnesses {
    pub fn new(workshop: Workshop) -> Self {
        Witnesses {
            workshop,
            made: Default::default(),
            explained: AtomicUsize::new(0),
        }
    }

    /// Whether one more case is to be explained.
    pub fn has_time(&self) -> bool {
        self.explained.fetch_add(1, Ordering::Relaxed) < EXPLAINED
    }

    /// What the reference does in a process of its own, if it can be asked.
    pub fn ask(&self, variation: Variation, job: Job<'_>) -> Option<Outcome> {
        let index = Variation::ALL
            .iter()
            .position(|known| *known == variation)?;
        let executor = self.made[index].get_or_init(|| {
            let made = self.workshop.witness(variation.variables());
            made.ok()
        });
        // An experiment that can't be made says nothing; the case itself has its report.
        let answer = executor.as_ref()?.run(job).ok()?;
        Some(answer.outcome)
    }

    /// The source of a node's class and of the functions beside it that it names, for what they name.
    pub fn source(&self, node_type: &str) -> Option<String> {
        let (module, class) = node_type.split_once(':')?;
        let file: PathBuf = module.split('.').collect();
        let path = self.workshop.node_path.join(file.with_extension("py"));
        let bytes = crate::source::text_file::read(&path).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let blocks = blocks(&text);
        let mut own = blocks.iter().find(|(name, _)| *name == class)?.1.clone();
        let named: Vec<&String> = blocks
            .iter()
            .filter(|(name, _)| *name != class && own.contains(&format!("{name}(")))
            .map(|(_, block)| block)
            .collect();
        let named: String = named.into_iter().map(String::as_str).collect();
        own.push_str(&named);
        Some(own)
    }
}

/// The classes and functions of a module that aren't within others, each with its name.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        let kinds = ["class ", "def ", "async def "];
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind));
        if let Some(rest) = rest {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            blocks.push((&rest[..end.unwrap_or(rest.len())], String::new()));
        } else if !line.starts_with([' ', '\t', ')']) && !line.is_empty() {
            // A statement of the module, which belongs to nobody.
            blocks.push(("", String::new()));
        }
        if let Some((_, block)) = blocks.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks.retain(|(name, _)| !name.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn a_class_ends_where_the_next_statement_of_the_module_begins() {
        let text = "import os\n\nclass A(B):\n    def f(self):\n        return 1\n\nX = 1\n\ndef g(\n    x,\n):\n    pass\n";
        let found = blocks(text);
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["A", "g"]);
        assert!(found[0].1.contains("return 1") && !found[0].1.contains("X = 1"));
        assert!(found[1].1.ends_with("pass\n"));
    }
}
