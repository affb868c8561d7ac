//! The Rust sources as a tree of modules: every file that a target reaches, and whether only tests see it.

use crate::house::House;
use anyhow::{Context, Result};
use ignore::WalkBuilder;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use syn::{Attribute, Item, ItemMod, Meta};

/// Who sees a source file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// It is part of what the crate builds.
    Product,
    /// It belongs to a test target, or lies below a `#[cfg(test)] mod`.
    Tests,
}

/// One Rust file that some target reaches.
pub(crate) struct Source {
    /// From the workspace's root.
    pub(crate) path: PathBuf,
    /// The package that it belongs to.
    pub(crate) package: String,
    /// Who sees it.
    pub(crate) audience: Audience,
    /// What it says; `Err` holds the parser's complaint and its line.
    pub(crate) syntax: Result<syn::File, (usize, String)>,
}

/// Reads every file that a target of the workspace reaches through `mod`.
pub(crate) fn reached(house: &House) -> Result<Vec<Source>> {
    let mut sources = BTreeMap::new();
    for package in house.packages() {
        for target in &package.targets {
            let root = target.src_path.as_std_path();
            let children = root.parent().unwrap_or(root).to_path_buf();
            let audience = if target.is_test() { Audience::Tests } else { Audience::Product };
            follow(house, package.name.as_str(), root, children, audience, &mut sources)?;
        }
    }
    Ok(sources.into_values().collect())
}

/// Every file of the given extensions below the root that version control would hold, from the root.
pub(crate) fn files(house: &House, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in WalkBuilder::new(house.root()).require_git(false).build() {
        let entry = entry.context("cannot walk the workspace")?;
        let wanted = entry.path().extension().and_then(|extension| extension.to_str());
        if entry.file_type().is_some_and(|kind| kind.is_file())
            && wanted.is_some_and(|extension| extensions.contains(&extension))
        {
            found.push(house.relative(entry.path()).to_path_buf());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether an item is compiled for tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            let mut words = condition.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            words.any(|word| word == "test") && !condition.contains("not")
        }
        _ => false,
    })
}

/// Reads a file and all that it declares; `children` is the folder in which its modules lie.
fn follow(
    house: &House,
    package: &str,
    file: &Path,
    children: PathBuf,
    audience: Audience,
    sources: &mut BTreeMap<PathBuf, Source>,
) -> Result<()> {
    let path = house.relative(file).to_path_buf();
    if sources.contains_key(&path) {
        return Ok(());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", path.display()))?;
    let syntax = syn::parse_file(&text).map_err(|error| (error.span().start().line, error.to_string()));
    let mut declared = Vec::new();
    let mut audience = audience;
    if let Ok(syntax) = &syntax {
        if is_for_tests(&syntax.attrs) {
            audience = Audience::Tests;
        }
        let folder = file.parent().unwrap_or(file);
        declare(&syntax.items, folder, &children, audience, &mut declared);
    }
    sources.insert(path.clone(), Source { path, package: package.to_owned(), audience, syntax });
    for (file, children, audience) in declared {
        follow(house, package, &file, children, audience, sources)?;
    }
    Ok(())
}

/// Collects the files that `items` declare with `mod name;`, inside inline modules too.
fn declare(
    items: &[Item],
    folder: &Path,
    children: &Path,
    audience: Audience,
    declared: &mut Vec<(PathBuf, PathBuf, Audience)>,
) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let audience = if is_for_tests(&module.attrs) { Audience::Tests } else { audience };
        let name = module.ident.to_string();
        match &module.content {
            Some((_, items)) => {
                declare(items, &children.join(&name), &children.join(&name), audience, declared)
            }
            None => declared
                .extend(file_of(module, folder, children).map(|(file, children)| (file, children, audience))),
        }
    }
}

/// The file of `mod name;` and the folder of its own modules; `None` when neither form exists (the compiler tells).
fn file_of(module: &ItemMod, folder: &Path, children: &Path) -> Option<(PathBuf, PathBuf)> {
    let name = module.ident.to_string();
    if let Some(named) = path_attribute(&module.attrs) {
        let file = without_dots(&folder.join(named));
        let children = file.parent()?.to_path_buf();
        return file.is_file().then_some((file, children));
    }
    let flat = children.join(format!("{name}.rs"));
    let nested = children.join(&name).join("mod.rs");
    [flat, nested].into_iter().find(|file| file.is_file()).map(|file| (file, children.join(&name)))
}

/// `a/../b` as `b`, so that a file that several targets share has one name.
fn without_dots(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(short.pop()),
            part => short.push(part),
        }
    }
    short
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Str(path) => Some(path.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_file_has_one_name() {
        let check = |path: &str, short: &str| assert_eq!(without_dots(Path::new(path)), Path::new(short));
        check("/a/tests/one/../common/mod.rs", "/a/tests/common/mod.rs");
        check("/a/b/../../c.rs", "/c.rs");
        check("/a/./b.rs", "/a/b.rs");
    }
}
