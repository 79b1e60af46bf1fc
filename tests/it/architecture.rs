//! What the source may name where: the promises of the README that no compiler keeps.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(below).collect()
}

/// Code that holds `word` must lie in one of `places`, and some must: a word that is gone would make the test empty.
#[track_caller]
fn check_only_in(word: &str, places: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = 0;
    for path in sources(&root) {
        let source = fs::read_to_string(&path).unwrap();
        let code = |line: &&str| !line.trim_start().starts_with("//");
        if !source.lines().filter(code).any(|line| line.contains(word)) {
            continue;
        }
        found += 1;
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        assert!(
            places.iter().any(|place| name.starts_with(place)),
            "{name} names {word}"
        );
    }
    assert!(found > 0, "{word} is named nowhere");
}

#[test]
fn javascript_is_named_at_the_boundary_only() {
    for word in ["wasm_bindgen", "js_sys", "web_sys", "JsValue"] {
        check_only_in(word, &["wasm.rs"]);
    }
}

#[test]
fn each_library_of_a_kind_has_its_one_place() {
    check_only_in("bincode", &["codec.rs"]);
    check_only_in("smartcore", &["model/"]);
    check_only_in("rand_pcg", &["random.rs"]);
    check_only_in(
        "std::arch",
        &["table/lanes.rs", "model/compact.rs", "model/pair.rs"],
    );
}

#[test]
fn the_core_has_no_clock_and_no_maths_of_the_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&root) {
        let source = fs::read_to_string(&path).unwrap();
        for word in [
            "std::time",
            "Instant::now",
            ".exp()",
            ".ln()",
            ".powf(",
            ".sin()",
            ".cos()",
            ".tanh()",
        ] {
            assert!(!source.contains(word), "{} holds {word}", path.display());
        }
    }
}
