//! Errors: kind, node, exception class and message, traceback.

use parallax_runtime::outcome::Failure;

use super::Findings;

pub(super) fn compare_failures(findings: &mut Findings, reference: &Failure, candidate: &Failure) {
    findings.check("error.kind", &reference.kind, &candidate.kind);
    findings.check("error.node", &reference.node, &candidate.node);
    match (&reference.exception, &candidate.exception) {
        (Some(a), Some(b)) => {
            findings.check("error.exception.type", &a.class, &b.class);
            let (message, other) = (normalize(&a.message), normalize(&b.message));
            findings.check("error.exception.message", &message, &other);
            findings.check("error.exception.traceback", &a.traceback, &b.traceback);
        }
        (None, None) => {
            let (message, other) = (normalize(&reference.message), normalize(&candidate.message));
            findings.check("error.message", &message, &other);
        }
        (a, b) => {
            let presence = |found: bool| if found { "present" } else { "absent" };
            findings.differ(
                "error.exception",
                presence(a.is_some()).to_owned(),
                presence(b.is_some()).to_owned(),
            );
        }
    }
}

/// The normalisation "address": `0x` and the hexadecimal digits after it become `0x…`, because `<object at 0x7f…>` differs from run to run.
pub(super) fn normalize(message: &str) -> String {
    let mut parts = message.split("0x");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        text.push_str(if rest.len() < part.len() {
            "0x…"
        } else {
            "0x"
        });
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn only_addresses_are_normalized() {
        for (message, expected) in [
            ("<A object at 0x7f12ab> and 12", "<A object at 0x…> and 12"),
            ("0xzz 0x1 0x", "0xzz 0x… 0x"),
            ("", ""),
        ] {
            assert_eq!(normalize(message), expected);
        }
    }
}
