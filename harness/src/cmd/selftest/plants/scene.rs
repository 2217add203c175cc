//! What is planted, and where: a corpus of its own, and the program that has to find it there.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// One thing that is planted.
pub struct Plant {
    pub group: &'static str,
    pub name: &'static str,
    /// Plants it, runs what has to find it, and says what was wrong if it wasn't.
    pub find: fn(&Scene) -> Result<(), String>,
}

/// A corpus of its own, and the program.
pub struct Scene {
    directory: TempDir,
    build: PathBuf,
}

/// How a run ended, and all that it said.
pub struct Said {
    pub code: i32,
    pub text: String,
}

impl Scene {
    /// An empty one.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn new(build: &Path) -> std::io::Result<Self> {
        Ok(Scene {
            directory: tempfile::Builder::new()
                .prefix("parallax-plant-")
                .tempdir()?,
            build: build.to_owned(),
        })
    }

    pub fn build(&self) -> &Path {
        &self.build
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of the corpus, or one beside it.
    pub fn put(&self, name: &str, content: &str) -> Result<(), String> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, content))
            .map_err(|error| format!("{name} can't be written: {error}"))
    }

    pub fn read(&self, name: &str) -> Result<String, String> {
        std::fs::read_to_string(self.path(name))
            .map_err(|error| format!("{name} can't be read: {error}"))
    }

    pub fn remove(&self, name: &str) -> Result<(), String> {
        std::fs::remove_file(self.path(name)).map_err(|error| format!("{name}: {error}"))
    }

    /// Writes a case of one Python node, and its settings if it has any.
    pub fn case(&self, id: &str, node: &str, settings: &str) -> Result<(), String> {
        let manifest = serde_json::json!({
            "version": "v1",
            "metadata": {"name": id},
            "nodes": [{"id": "a", "node_type": node}],
            "connections": [],
        });
        self.put(
            &format!("corpus/manifests/{id}.json"),
            &manifest.to_string(),
        )?;
        if settings.is_empty() {
            return Ok(());
        }
        self.put(&format!("corpus/manifests/{id}.toml"), settings)
    }

    /// Runs a verb of the program on the corpus.
    pub fn run(&self, verb: &str, arguments: &[&str]) -> Result<Said, String> {
        let mut command = self.command(verb)?;
        command
            .arg("--corpus")
            .arg(self.path("corpus"))
            .arg("--build")
            .arg(&self.build)
            .args(arguments);
        said(command)
    }

    /// The program, with nothing of this machine's settings in its environment.
    pub fn command(&self, verb: &str) -> Result<Command, String> {
        let itself = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(itself);
        command
            .arg(verb)
            .current_dir(self.directory.path())
            .env_remove("CI")
            .env("NO_COLOR", "1");
        Ok(command)
    }

    /// Verifies the corpus, and holds the end against what it must be.
    pub fn verify(&self, arguments: &[&str], code: i32, says: &[&str]) -> Result<(), String> {
        self.run("verify", arguments)?.check(code, says)
    }
}

/// Runs a program to its end.
pub fn said(mut command: Command) -> Result<Said, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Said {
        code: output.status.code().unwrap_or(-1),
        text,
    })
}

impl Said {
    /// Whether the exit code is this one, and all of these texts were said.
    pub fn check(&self, code: i32, says: &[&str]) -> Result<(), String> {
        let missing = says.iter().find(|part| !self.text.contains(**part));
        if self.code == code && missing.is_none() {
            return Ok(());
        }
        let tail: Vec<&str> = self.text.lines().rev().take(12).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        let wanted =
            missing.map_or_else(String::new, |part| format!(", and {part:?} was not said"));
        Err(format!(
            "ended with {} instead of {code}{wanted}: {}",
            self.code,
            tail.join(" | ")
        ))
    }
}
