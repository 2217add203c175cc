//! Experiments: the reference once more, with one thing changed.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::executor::{Executor, Job};
use crate::leg::table::{Workshop, native_target};
use crate::outcome::Outcome;

/// What is changed in an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Nothing: what the others are held against.
    Nothing,
    /// Nothing again: what differs from the first run is chance.
    Again,
    /// The seed of hashes of texts.
    HashSeed,
    /// numpy's vector code, which goes by the processor, is left out.
    Baseline,
    /// OpenBLAS has the code for another processor.
    Blas,
}

impl Variation {
    const ALL: [Variation; 5] = [
        Variation::Nothing,
        Variation::Again,
        Variation::HashSeed,
        Variation::Baseline,
        Variation::Blas,
    ];

    fn variables(self) -> Vec<(&'static str, String)> {
        let one = |name, value: &str| vec![(name, value.to_owned())];
        match self {
            Variation::Nothing | Variation::Again => Vec::new(),
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
    made: [OnceLock<Option<Box<dyn Executor>>>; 5],
}

impl Witnesses {
    pub fn new(workshop: Workshop) -> Self {
        Witnesses {
            workshop,
            made: Default::default(),
        }
    }

    /// Whether what the witnesses do says something about an executor for this target.
    pub fn stand_for(&self, target: &str) -> bool {
        target == native_target()
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

    /// The module that a node's class is in, as text.
    pub fn module(&self, name: &str) -> Option<String> {
        let file: PathBuf = name.split('.').collect();
        let path = self.workshop.node_path.join(file.with_extension("py"));
        let bytes = crate::source::text_file::read(&path).ok()?;
        String::from_utf8(bytes).ok()
    }
}
