//! Rules about every text file.

use super::tracked::{Finding, Tracked};

/// Longer than this, a file holds more than one idea.
const MOST_LINES: usize = 500;

/// Every folder the top level may have.
const TOP_LEVEL: [&str; 10] = [
    "runtime", "harness", "corpus", "benches", "reports", "xtask", "docs", ".github", ".ci",
    ".cargo",
];

/// Hosts of package archives, in two parts so that this file does not name them itself.
const ARCHIVE_HOSTS: [(&str, &str); 10] = [
    ("deb.", "debian.org"),
    ("ftp.", "debian.org"),
    ("security.", "debian.org"),
    ("snapshot.", "debian.org"),
    ("archive.", "ubuntu.com"),
    ("index.", "crates.io"),
    ("static.", "crates.io"),
    ("files.", "pythonhosted.org"),
    ("pypi.", "org/simple"),
    ("registry.", "npmjs.org"),
];

/// Folders that exist on one machine only.
const MACHINE_FOLDERS: [&str; 3] = ["root", "home", "work"];

/// Written by cargo, not by us.
fn is_generated(path: &str) -> bool {
    path.ends_with("Cargo.lock")
}

/// Sources stay short enough to read in one go.
pub fn files_are_short(files: &[Tracked]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| {
        [".rs", ".py", ".js", ".sh"]
            .iter()
            .any(|end| file.path.ends_with(end))
    });
    sources
        .filter_map(|file| {
            let count = file.text.lines().count();
            let remedy = "split it: one file, one idea, at most 500 lines";
            (count > MOST_LINES)
                .then(|| file.finding(MOST_LINES + 1, format!("{count} lines"), remedy))
        })
        .collect()
}

/// A new folder at the top is a decision about the architecture.
pub fn top_level_is_fixed(files: &[Tracked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for file in files {
        let Some((folder, _)) = file.path.split_once('/') else {
            continue;
        };
        if !TOP_LEVEL.contains(&folder) && !seen.contains(&folder) {
            seen.push(folder);
            let message = format!("the top level has no folder {folder}");
            findings.push(file.finding(0, message, "put it where the code map says"));
        }
    }
    findings
}

/// Archives are those of the machine's configuration.
pub fn no_archive_hosts(files: &[Tracked]) -> Vec<Finding> {
    let hosts = ARCHIVE_HOSTS.map(|(name, domain)| format!("{name}{domain}"));
    lines(
        files,
        |text| {
            let host = hosts.iter().find(|host| text.contains(host.as_str()))?;
            Some(format!("names the archive host {host}"))
        },
        "take it from the machine's own configuration",
    )
}

/// A path of one machine means nothing on another.
pub fn no_machine_paths(files: &[Tracked]) -> Vec<Finding> {
    let starts = |text: &str, folder: &str| {
        text.match_indices(&format!("/{folder}/")).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "._-~*$/{}".contains(c))
        })
    };
    lines(
        files,
        |text| {
            let folder = MACHINE_FOLDERS.iter().find(|folder| starts(text, folder))?;
            Some(format!("names a path below /{folder} of one machine"))
        },
        "use a path relative to the checkout, or a variable",
    )
}

fn lines(
    files: &[Tracked],
    complaint: impl Fn(&str) -> Option<String>,
    remedy: &'static str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !is_generated(&file.path)) {
        for (line, text) in file.lines() {
            if let Some(message) = complaint(text) {
                findings.push(file.finding(line, message, remedy));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracked::found;

    #[test]
    fn a_long_source_is_found_and_long_data_is_not() {
        let long = "x\n".repeat(501);
        assert_eq!(found(files_are_short, "harness/src/a.rs", &long), [501]);
        assert_eq!(
            found(files_are_short, "harness/src/a.rs", &long[2..]),
            [0_usize; 0]
        );
        assert_eq!(
            found(files_are_short, "corpus/ops.toml", &long),
            [0_usize; 0]
        );
    }

    #[test]
    fn a_new_top_level_folder_is_found() {
        assert_eq!(found(top_level_is_fixed, "scripts/run.sh", ""), [0]);
        assert_eq!(found(top_level_is_fixed, "README.md", ""), [0_usize; 0]);
        assert_eq!(
            found(top_level_is_fixed, ".github/workflows/ci.yml", ""),
            [0_usize; 0]
        );
    }

    #[test]
    fn archive_hosts_are_found() {
        for (name, domain) in ARCHIVE_HOSTS {
            assert_eq!(
                found(
                    no_archive_hosts,
                    "docs/a.md",
                    &format!("a\nsee http://{name}{domain}/x")
                ),
                [2]
            );
        }
        assert_eq!(
            found(
                no_archive_hosts,
                "docs/a.md",
                "https://www.python.org/ and crates.io"
            ),
            [0_usize; 0]
        );
    }

    #[test]
    fn machine_paths_are_found_and_relative_ones_are_not() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(
                found(no_machine_paths, "docs/a.md", &format!("cd /{folder}/me")),
                [1]
            );
            assert_eq!(
                found(no_machine_paths, "docs/a.md", &format!("cd a/{folder}/me")),
                [0_usize; 0]
            );
            assert_eq!(
                found(no_machine_paths, "docs/a.md", &format!("cd $X/{folder}/me")),
                [0_usize; 0]
            );
        }
    }
}
