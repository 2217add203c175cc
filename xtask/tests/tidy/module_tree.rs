//! Which file holds which module: the tree that the compiler builds from `mod` declarations, for every target of the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

use crate::tracked::root;

/// The modules of one target.
pub struct ModuleTree {
    /// The name by which other crates know a library; none for other targets.
    pub library: Option<String>,
    /// By path from the root, which is the empty one.
    pub modules: BTreeMap<Vec<String>, Module>,
}

/// One module: a file, or a part of one.
pub struct Module {
    /// Relative to the checkout.
    pub file: String,
    /// What is written in it, child modules of the same file left out.
    pub items: Vec<Item>,
}

/// The tree of every library, program, test and build script.
///
/// # Errors
/// cargo cannot describe the workspace, or a file is missing or no Rust.
pub fn of_workspace() -> Result<Vec<ModuleTree>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo does not describe the workspace")?;
    let mut trees = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            let is_library = target.is_lib() || target.is_proc_macro();
            trees.push(ModuleTree::read(
                &root(),
                target.src_path.as_std_path(),
                is_library.then(|| target.name.replace('-', "_")),
            )?);
        }
    }
    Ok(trees)
}

impl ModuleTree {
    /// Reads the file that a target begins with, and those that it declares.
    ///
    /// # Errors
    /// A file is missing or no Rust.
    pub fn read(root: &Path, start: &Path, library: Option<String>) -> Result<Self> {
        let mut tree = Self {
            library,
            modules: BTreeMap::new(),
        };
        let folder = start.parent().unwrap_or(root);
        tree.file(root, start, folder, Vec::new())?;
        Ok(tree)
    }

    /// `folder` is where the module's children lie.
    fn file(&mut self, root: &Path, path: &Path, folder: &Path, name: Vec<String>) -> Result<()> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let parsed =
            syn::parse_file(&text).with_context(|| format!("{} is no Rust", path.display()))?;
        let file = path.strip_prefix(root).unwrap_or(path);
        let file = file.to_string_lossy().into_owned();
        // An attribute `path` is relative to the file's folder, whatever the module is called.
        let beside = path.parent().unwrap_or(root);
        self.module(root, &file, [folder, beside], name, parsed.items)
    }

    fn module(
        &mut self,
        root: &Path,
        file: &str,
        [folder, beside]: [&Path; 2],
        name: Vec<String>,
        items: Vec<Item>,
    ) -> Result<()> {
        let mut own = Vec::new();
        for item in items {
            let Item::Mod(child) = item else {
                own.push(item);
                continue;
            };
            let ident = child.ident.to_string();
            let child_name = [&name[..], std::slice::from_ref(&ident)].concat();
            let child_folder = folder.join(&ident);
            if let Some((_, items)) = child.content {
                let folders = [child_folder.as_path(); 2];
                self.module(root, file, folders, child_name, items)?;
                continue;
            }
            match path_attribute(&child) {
                Some(path) => {
                    let path = beside.join(path);
                    let folder = path.parent().unwrap_or(root).to_path_buf();
                    self.file(root, &path, &folder, child_name)?;
                }
                None => {
                    let path = file_of(folder, &ident);
                    self.file(root, &path, &child_folder, child_name)?;
                }
            }
        }
        let module = Module {
            file: file.to_owned(),
            items: own,
        };
        self.modules.insert(name, module);
        Ok(())
    }
}

fn file_of(folder: &Path, name: &str) -> PathBuf {
    let flat = folder.join(format!("{name}.rs"));
    match flat.is_file() {
        true => flat,
        false => folder.join(name).join("mod.rs"),
    }
}

fn path_attribute(module: &ItemMod) -> Option<String> {
    let value = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    module.attrs.iter().find_map(value)
}
