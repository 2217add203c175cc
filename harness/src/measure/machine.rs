//! The properties of the machine on which times depend.

use std::collections::BTreeMap;
use std::path::Path;

/// Where the kernel says what, and under which name it is kept.
const FILES: [(&str, &str); 3] = [
    (
        "governor",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    ),
    (
        "clock",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
    ),
    ("huge pages", "/sys/kernel/mm/transparent_hugepage/enabled"),
];

/// By name; what the machine doesn't say is left out. Its own name is no property.
pub fn fingerprint() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            found.insert(name.to_owned(), value);
        }
    };
    let cpus = read(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let of_cpu = |key: &str| {
        let line = cpus.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(": "))
            .map(|(_, value)| value.trim().to_owned())
    };
    add("cpu", of_cpu("model name"));
    for part in ["cpu family", "model\t", "stepping", "microcode"] {
        add(part.trim(), of_cpu(part));
    }
    let cores = std::thread::available_parallelism().ok();
    add("processors", cores.map(|cores| cores.to_string()));
    let memory = read(Path::new("/proc/meminfo")).unwrap_or_default();
    let memory = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    add("memory", memory.map(|text| text.trim().to_owned()));
    let kernel = rustix::system::uname();
    let kernel = kernel.release().to_string_lossy();
    add("kernel", Some(format!("Linux {kernel}")));
    add("architecture", Some(std::env::consts::ARCH.to_owned()));
    for (name, file) in FILES {
        add(
            name,
            read(Path::new(file)).map(|text| text.trim().to_owned()),
        );
    }
    found
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_a_processor_and_a_kernel_and_no_name() {
        let found = fingerprint();
        assert!(
            found.contains_key("kernel") && found.contains_key("processors"),
            "{found:?}"
        );
        assert_eq!(found, fingerprint());
        let name = rustix::system::uname();
        let name = name.nodename().to_string_lossy().into_owned();
        let tells = found.values().any(|value| *value == name);
        assert!(!tells, "{found:?}");
    }
}
