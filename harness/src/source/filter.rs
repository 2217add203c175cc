//! The language of `--filter` and `--allow-skip`: names and patterns of cases with `and`, `or`, `not` and parentheses.
//!
//! The grammar of the operators is that of minijinja's expressions; only the words in between are Parallax's own.

use std::sync::LazyLock;

use minijinja::{Environment, Expression, Value};

use crate::case::CaseId;
use crate::error::Problem;
use crate::verdict::ledger::Pattern;

/// Upper bound on the words, operators and parentheses of one expression, as the grammar's recursion needs stack.
const LONGEST: usize = 500;

/// Evaluates expressions that have no other functions and variables than those they are given.
static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(Environment::empty);

/// Which cases an expression means.
pub struct Filter {
    text: String,
    words: Vec<Word>,
    expression: Expression<'static, 'static>,
}

/// What a word says of a case's id.
enum Word {
    /// It contains this text.
    Text(String),
    /// All of it matches this glob, whose `*` takes `/`, too.
    Glob(Pattern),
}

/// Why a text is no expression.
#[derive(Debug, PartialEq, Eq)]
pub struct FilterError {
    reason: String,
    /// The byte at which it shows.
    at: usize,
}

/// A part of an expression, with the bytes that it takes.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    at: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Quoted,
    /// `and`, `or`
    Infix,
    Not,
    Open,
    Close,
}

impl Filter {
    /// # Errors
    /// The text is no expression; says where.
    pub fn new(text: &str) -> Result<Self, FilterError> {
        let tokens = tokens(text)?;
        check_order(text, &tokens)?;
        let mut words = Vec::new();
        let mut rewritten = String::new();
        // Where each token begins in the text that the grammar gets.
        let mut starts = Vec::new();
        for token in &tokens {
            starts.push(rewritten.len());
            match token.kind {
                Kind::Word | Kind::Quoted => {
                    rewritten.push_str(&name(words.len()));
                    words.push(word(*token)?);
                }
                Kind::Infix | Kind::Not | Kind::Open | Kind::Close => {
                    rewritten.push_str(token.text);
                }
            }
            rewritten.push(' ');
        }
        let expression = ENGINE
            .compile_expression_owned(rewritten)
            .map_err(|error| {
                let start = error.range().map_or(usize::MAX, |range| range.start);
                let detail = error.detail().unwrap_or("not an expression");
                // An end that comes too early is reported of the last token.
                let early = detail.starts_with("unexpected end");
                let index = starts.partition_point(|&begin| begin <= start);
                let at = match tokens.get(index.saturating_sub(1)) {
                    Some(token) if !early => token.at,
                    _ => text.len(),
                };
                FilterError::new(detail, at)
            })?;
        Ok(Filter {
            text: text.to_owned(),
            words,
            expression,
        })
    }

    /// Whether the expression means the case of this id.
    pub fn matches(&self, id: &CaseId) -> bool {
        let words = self.words.iter().enumerate();
        let values = words.map(|(index, word)| (name(index), Value::from(word.matches(&id.0))));
        self.expression
            .eval(Value::from_pairs(values))
            .expect("every word has a value, and operators have one of any values")
            .is_true()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Filter").field(&self.text).finish()
    }
}

impl Word {
    fn matches(&self, id: &str) -> bool {
        match self {
            Word::Text(text) => id.contains(text.as_str()),
            Word::Glob(pattern) => pattern.matches(id),
        }
    }
}

impl FilterError {
    fn new(reason: impl Into<String>, at: usize) -> Self {
        FilterError {
            reason: reason.into(),
            at,
        }
    }

    /// The failure that shows the place, under the expression that a flag was given.
    pub fn problem(&self, flag: &str, text: &str) -> Problem {
        let before = text[..self.at].chars().count();
        Problem::usage(format!(
            "{flag}: {}\n  {text}\n  {:before$}^",
            self.reason, ""
        ))
        .hint("for example: numpy/* and not (*large* or *huge*); a word without * ? [ { is a part of an id, and \"quotes\" take any text as it is")
    }
}

/// The variable that stands for a word.
fn name(index: usize) -> String {
    format!("w{index}")
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, kind) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '(' => (1, Kind::Open),
            ')' => (1, Kind::Close),
            '"' | '\'' => match rest[1..].find(first) {
                Some(length) => (length + 2, Kind::Quoted),
                None => return Err(FilterError::new("a quote is never closed", at)),
            },
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
                let length = rest.find(ends).unwrap_or(rest.len());
                let kind = match &rest[..length] {
                    "and" | "or" => Kind::Infix,
                    "not" => Kind::Not,
                    _ => Kind::Word,
                };
                (length, kind)
            }
        };
        if tokens.len() == LONGEST {
            let reason = format!("more than {LONGEST} words; repeat the flag instead of `or`");
            return Err(FilterError::new(reason, at));
        }
        tokens.push(Token {
            text: &rest[..length],
            at,
            kind,
        });
        at += length;
    }
    Ok(tokens)
}

/// Words and operators take turns. The grammar would say so, too, but of variables and calls, which nobody has written.
fn check_order(text: &str, tokens: &[Token<'_>]) -> Result<(), FilterError> {
    let mut wants_word = true;
    for token in tokens {
        let begins = matches!(
            token.kind,
            Kind::Word | Kind::Quoted | Kind::Not | Kind::Open
        );
        if begins && !wants_word {
            let reason = format!("`and` or `or` is missing before {}", token.text);
            return Err(FilterError::new(reason, token.at));
        }
        if !begins && wants_word {
            let reason = format!("a name or pattern is missing before {}", token.text);
            return Err(FilterError::new(reason, token.at));
        }
        wants_word = matches!(token.kind, Kind::Infix | Kind::Not | Kind::Open);
    }
    if wants_word {
        return Err(FilterError::new(
            "a name or pattern is missing at the end",
            text.len(),
        ));
    }
    Ok(())
}

fn word(token: Token<'_>) -> Result<Word, FilterError> {
    let text = token.text;
    if token.kind == Kind::Quoted {
        return Ok(Word::Text(text[1..text.len() - 1].to_owned()));
    }
    if !text.contains(['*', '?', '[', '{']) {
        return Ok(Word::Text(text.to_owned()));
    }
    let pattern = Pattern::new(text)
        .map_err(|reason| FilterError::new(format!("{text} is no pattern: {reason}"), token.at))?;
    Ok(Word::Glob(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(expression: &str, id: &str) -> bool {
        let filter = Filter::new(expression).unwrap_or_else(|error| panic!("{error:?}"));
        filter.matches(&CaseId(id.to_owned()))
    }

    #[test]
    fn words_are_parts_of_ids_and_patterns_all_of_them() {
        for (expression, id, expected) in [
            ("sum", "numpy/sum_large", true),
            ("numpy/sum", "numpy/sum_large", true),
            ("sum", "numpy/mean", false),
            ("numpy/*", "numpy/sum_large", true),
            ("numpy/*", "numpy/fft/real", true),
            ("numpy/*", "my/numpy/sum", false),
            ("*sum", "numpy/sum_large", false),
            ("numpy/{sum,mean}", "numpy/mean", true),
            ("numpy/su[a-m]", "numpy/sum", true),
            ("numpy/??m", "numpy/sum", true),
            ("numpy/* and not *large*", "numpy/sum_large", false),
            ("numpy/* and not *large*", "numpy/sum", true),
            ("a or b and c", "a", true),
            ("a or b and c", "b", false),
            ("(a or b) and c", "a", false),
            ("(a or b) and c", "bc", true),
            ("not a or b", "ab", true),
            ("not (a or b)", "ab", false),
            ("not not a", "a", true),
            ("\"a b\"", "a b", true),
            ("'and'", "random", true),
            ("'*'", "a*", true),
            ("'*'", "a", false),
            ("and-then", "and-then", true),
            ("w0", "w0", true),
            ("true", "false", false),
            ("ä and (ö)", "äö", true),
        ] {
            assert_eq!(matches(expression, id), expected, "{expression} {id}");
        }
    }

    #[test]
    fn what_is_no_expression_says_where() {
        for (expression, reason, at) in [
            ("", "a name or pattern is missing at the end", 0),
            ("a and", "a name or pattern is missing at the end", 5),
            ("a and or b", "a name or pattern is missing before or", 6),
            ("and a", "a name or pattern is missing before and", 0),
            ("ä b", "`and` or `or` is missing before b", 3),
            ("a (b)", "`and` or `or` is missing before (", 2),
            ("a not b", "`and` or `or` is missing before not", 2),
            ("()", "a name or pattern is missing before )", 1),
            ("(a or b", "unexpected end of input, expected `)`", 7),
            ("a or b) and c", "unexpected input after expression", 6),
            ("a and \"b", "a quote is never closed", 6),
            (
                "a and [b",
                "[b is no pattern: unclosed character class; missing ']'",
                6,
            ),
        ] {
            let error = Filter::new(expression).expect_err(expression);
            assert_eq!(error, FilterError::new(reason, at), "{expression}");
        }
        let problem = FilterError::new("why", 3)
            .problem("--filter", "ä b")
            .report();
        assert!(
            problem.starts_with("--filter: why\n  ä b\n    ^\nhint: "),
            "{problem}"
        );
        for long in [
            "not ".repeat(100_000),
            "a and ".repeat(100_000),
            "(".repeat(100_000),
        ] {
            let error = Filter::new(&long).expect_err("too long");
            assert!(error.reason.starts_with("more than 500 words"), "{error:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_refused(text in "[a*(){}\\[ '\"]{0,12}|(and |or |not |a |\\(|\\) ){0,8}") {
            if let Ok(filter) = Filter::new(&text) {
                filter.matches(&CaseId("a".to_owned()));
            }
        }

        /// What was accepted before there were operators means the same.
        #[test]
        fn a_plain_word_is_a_part_of_the_id(word in "[a-z0-9_/.-]{1,6}", id in "[a-z0-9_/]{0,12}") {
            prop_assume!(!["and", "or", "not"].contains(&word.as_str()));
            prop_assert_eq!(matches(&word, &id), id.contains(&word));
        }
    }
}
