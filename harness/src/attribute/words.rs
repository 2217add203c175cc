//! What a node's source names: no proof by itself, but without it some guesses aren't worth making.

/// The source of a node's class, and of the functions beside it that it names; empty where there is none.
#[derive(Default)]
pub struct Words(String);

impl Words {
    /// Those of a class in a module.
    pub fn of(module: &str, class: &str) -> Self {
        let blocks = blocks(module);
        let Some((_, own)) = blocks.iter().find(|(name, _)| *name == class) else {
            return Words::default();
        };
        let named = blocks
            .iter()
            .filter(|(name, _)| *name != class && own.contains(&format!("{name}(")));
        let named: String = named.map(|(_, block)| block.as_str()).collect();
        Words(own.clone() + &named)
    }

    /// Whether one of these is there, as it is and not as the end of a longer word.
    pub fn names(&self, words: &[&str]) -> bool {
        let goes_before = |c: char| c.is_alphanumeric() || c == '_';
        words.iter().any(|word| {
            let is_word = word.starts_with(goes_before);
            self.0.match_indices(word).any(|(index, _)| {
                let line = self.0[..index].rsplit('\n').next().unwrap_or_default();
                // What stands in quotes is a text.
                let quoted = line.matches(['"', '\'']).count() % 2 == 1;
                !(quoted || is_word && line.ends_with(goes_before))
            })
        })
    }

    /// Whether there is a set, made by name or written as one.
    pub fn make_sets(&self) -> bool {
        let written = self.0.lines().any(|line| {
            line.match_indices('{').any(|(index, _)| {
                // Braces in a text are a format's.
                if line[..index].matches(['"', '\'']).count() % 2 == 1 {
                    return false;
                }
                let inside = line[index + 1..].split('}').next().unwrap_or_default();
                !inside.is_empty() && !inside.contains(':')
            })
        });
        written || self.names(&["set(", "frozenset("])
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

/// What a node names that lists a directory.
pub const LISTINGS: [&str; 5] = ["listdir", "scandir", "iterdir", "glob(", "os.walk"];

/// What a node names that parses source text.
///
/// Those of regular expressions are others.
pub const PARSERS: [&str; 6] = [
    " compile(",
    "(compile(",
    "eval(",
    "exec(",
    "ast.parse(",
    "ast.literal_eval(",
];

/// What a node names that reads the environment.
pub const ENVIRONMENT: [&str; 2] = ["environ", "getenv"];

/// What a node names that formats a time with the C library.
pub const TIMES: [&str; 4] = ["strftime", "asctime", "ctime", "strptime"];

/// What a node names that computes with matrices.
pub const LINEAR_ALGEBRA: [&str; 11] = [
    "linalg",
    " @ ",
    ".dot(",
    "matmul",
    ".inner(",
    ".outer(",
    "tensordot",
    "polyfit",
    ".cov(",
    "corrcoef",
    "convolve",
];

/// What a node names that sums products without a library for it.
pub const SUMS: [&str; 1] = ["einsum"];

/// What a node names that makes integers of floats.
pub const CONVERSIONS: [&str; 4] = ["astype", "int(", "trunc(", "asarray("];

/// What a node names that makes integers of numpy's default width.
pub const INTEGERS: [&str; 9] = [
    "arange",
    "sum(",
    "prod(",
    "cumsum",
    "cumprod",
    "astype(int",
    "int_",
    "=int",
    "randint",
];

/// What a node names that asks on what it runs.
pub const PLATFORM: [&str; 8] = [
    "sys.platform",
    "platform.system(",
    "platform.machine(",
    "platform.platform(",
    "platform.release(",
    "os.name",
    "os.uname",
    "sysconfig",
];

/// What a node names that catches what it then tells.
pub const CATCHES: [&str; 2] = ["except ", "except:"];

/// What a node names that has the number of an error.
pub const NUMBERS_OF_ERRORS: [&str; 1] = ["errno"];

/// What a node names that chooses between zeros.
pub const CHOICES: [&str; 8] = [
    "maximum", "minimum", "max(", "min(", "fmax", "fmin", "sort", "unique",
];

/// What a node names that comes from the C library's mathematics, or is made of it.
pub const FUNCTIONS: [&str; 9] = [
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

/// What a node names that the C library computes, or numpy by code of its own for a processor, and that need not be rounded correctly.
pub const OF_LIBM: [&str; 26] = [
    "arctan", "arcsin", "arccos", "arccosh", "arcsinh", "cbrt", "power(", "math.", "exp(", "exp2(",
    "expm1(", "log(", "log1p(", "log2(", "log10(", "sin(", "cos(", "tan(", "sinh(", "cosh(",
    "tanh(", "erf", "gamma", "hypot(", "pow(", "**",
];

/// What a node names that is a number of the system's own.
pub const OF_THE_SYSTEM: [&str; 12] = [
    "st_mode",
    "st_dev",
    "st_ino",
    "st_nlink",
    "st_blksize",
    "st_blocks",
    "st_uid",
    "st_gid",
    "os.O_",
    "fileno(",
    "os.open(",
    "os.dup(",
];

/// What a node names that is as wide as a pointer.
pub const WIDTHS: [&str; 10] = [
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_ends_where_the_next_statement_of_the_module_begins() {
        let text = "import os\n\nclass A(B):\n    def f(self):\n        return 1\n\nX = 1\n\ndef g(\n    x,\n):\n    pass\n";
        let found = blocks(text);
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["A", "g"]);
        assert!(found[0].1.contains("return 1") && !found[0].1.contains("X = 1"));
        assert!(found[1].1.ends_with("pass\n"));
    }

    #[test]
    fn a_word_counts_as_it_is_and_not_in_a_text_or_as_the_end_of_another() {
        let module = "class A:\n    def process(self, x):\n        return {n for n in g(x)}\n\ndef g(x):\n    return my_hash(x), 'at a @ b'\n";
        let words = Words::of(module, "A");
        assert!(words.names(&["g("]) && words.names(&["my_hash("]));
        assert!(!words.names(&["hash("]) && !words.names(&[" @ "]));
        for text in ["{1: 2}", "f'{x}'", "f\"{x}\""] {
            let module = format!("class A:\n    x = {text}\n");
            assert!(
                words.make_sets() && !Words::of(&module, "A").make_sets(),
                "{text}"
            );
        }
        assert!(!Words::of(module, "B").names(&["g("]));
    }
}
