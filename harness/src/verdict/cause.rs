//! Where differences come from: a closed list, each explained in docs/CAUSES.md.

use std::fmt;

/// What a difference comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    IntegerWidth,
    FloatStatus,
    Libm,
    LibcText,
    SimdDispatch,
    Blas,
    UndefinedInC,
    Capability,
    HashOrder,
    Stack,
    Memory,
    NotDeterministic,
    Fault,
    /// Known and not understood: stays red.
    Unexplained,
}

impl Cause {
    pub const ALL: [Cause; 14] = [
        Cause::IntegerWidth,
        Cause::FloatStatus,
        Cause::Libm,
        Cause::LibcText,
        Cause::SimdDispatch,
        Cause::Blas,
        Cause::UndefinedInC,
        Cause::Capability,
        Cause::HashOrder,
        Cause::Stack,
        Cause::Memory,
        Cause::NotDeterministic,
        Cause::Fault,
        Cause::Unexplained,
    ];

    /// As files and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Cause::IntegerWidth => "integer-width",
            Cause::FloatStatus => "float-status",
            Cause::Libm => "libm",
            Cause::LibcText => "libc-text",
            Cause::SimdDispatch => "simd-dispatch",
            Cause::Blas => "blas",
            Cause::UndefinedInC => "undefined-in-c",
            Cause::Capability => "capability",
            Cause::HashOrder => "hash-order",
            Cause::Stack => "stack",
            Cause::Memory => "memory",
            Cause::NotDeterministic => "not-deterministic",
            Cause::Fault => "fault",
            Cause::Unexplained => "unexplained",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// All names, for an error that says what is known.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_section_in_the_page_and_the_page_has_no_other() {
        let page = include_str!("../../../docs/CAUSES.md");
        let sections: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(sections, Cause::ALL.map(Cause::name));
    }
}
