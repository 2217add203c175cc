//! What this machine has, what is missing, and what each missing thing costs.

use anyhow::Result;
use parallax_failure::Failure;
use parallax_provision::files;
use parallax_provision::pins::Pins;
use parallax_provision::plan::{Guest, Plan};
use parallax_provision::recipes::Recipe;
use parallax_provision::store::Step;
use parallax_provision::tools::{TOOLS, find};

use crate::print::print_line;
use crate::workspace::Workspace;

/// Prints both tables.
///
/// # Errors
/// A tool is missing, which is reported after everything else; or the machine cannot be inspected.
pub fn run(workspace: &Workspace) -> Result<()> {
    print_line("tools")?;
    let mut missing = Vec::new();
    for tool in TOOLS {
        match find(tool.name) {
            Some(path) => print_line(&format!("  {:<15} present  {}", tool.name, path.display()))?,
            None => {
                print_line(&format!(
                    "  {:<15} MISSING  it {}; install it: {}",
                    tool.name, tool.why, tool.install
                ))?;
                missing.push(tool.name);
            }
        }
    }
    match Plan::new(&workspace.pins(), &Guest::default()) {
        Ok(plan) => steps(&plan)?,
        Err(error) if missing.is_empty() => return Err(error),
        Err(_) => print_line("steps\n  not examined, because tools are missing")?,
    }
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("missing tools: {}", missing.join(", "));
    Err(Failure::environment(message)
        .hint("the table's lines say how to install each")
        .into())
}

fn steps(plan: &Plan) -> Result<()> {
    print_line("steps")?;
    let mut lacking = (0_u64, 0_u64);
    for recipe in plan.recipes() {
        let step = recipe.step();
        if step.is_done() {
            let megabytes = files::size(&step.dir) / 1_000_000;
            print_line(&format!(
                "  {:<15} present  {megabytes} MB in {}",
                step.name,
                step.dir.display()
            ))?;
            origins(step)?;
            continue;
        }
        let (megabytes, seconds) = cost(recipe, &plan.pins);
        lacking = (lacking.0 + megabytes, lacking.1 + seconds);
        let download = if megabytes > 0 {
            format!("{megabytes} MB to download, ")
        } else {
            String::new()
        };
        print_line(&format!(
            "  {:<15} missing  estimate: {download}{seconds} s",
            step.name
        ))?;
    }
    if let Some(reason) = plan.without_numpy() {
        print_line(&format!("  {:<15} {reason}", "numpy"))?;
    }
    if lacking.1 > 0 {
        let (megabytes, seconds) = lacking;
        let minutes = seconds as f64 / 60.0;
        print_line(&format!(
            "  to provision    estimate: {megabytes} MB to download, {minutes:.1} min on two cores"
        ))?;
    }
    print_line("cache")?;
    let megabytes = files::size(&plan.cache.root) / 1_000_000;
    print_line(&format!(
        "  {} ({megabytes} MB; PARALLAX_CACHE moves it)",
        plan.cache.root.display()
    ))
}

/// The sources of a step's files, one line per source.
fn origins(step: &Step) -> Result<()> {
    let record = step.record()?;
    let mut places: Vec<String> = Vec::new();
    for origin in &record.origins {
        if !places.contains(&origin.from) {
            places.push(origin.from.clone());
        }
    }
    for place in places {
        let from = record.origins.iter().filter(|origin| origin.from == place);
        let files: Vec<String> = from
            .map(|origin| format!("{} {}", origin.name, origin.version))
            .collect();
        print_line(&format!(
            "  {:<15}          from {place}: {}",
            "",
            files.join(", ")
        ))?;
    }
    Ok(())
}

/// Megabytes to download and seconds to spend, both estimates of the pin file.
fn cost(recipe: &dyn Recipe, pins: &Pins) -> (u64, u64) {
    let rows = recipe.rows();
    let megabytes = rows
        .iter()
        .filter_map(|row| pins.get(row).ok())
        .map(|row| row.estimate_mb)
        .sum();
    (
        megabytes,
        pins.estimate_seconds
            .get(recipe.step().name)
            .copied()
            .unwrap_or(0),
    )
}
