//! The README shows what the program really prints.

use crate::{cattlegrid, stdout};

/// Console blocks of the README: the command after `$ cattlegrid`, and the output below it.
fn console_blocks(readme: &str) -> Vec<(Vec<&str>, &str)> {
    readme
        .split("```console\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .filter_map(|(block, _)| block.split_once('\n'))
        .filter_map(|(command, output)| {
            let arguments = command.strip_prefix("$ cattlegrid ")?;
            Some((arguments.split_whitespace().collect(), output))
        })
        .collect()
}

#[test]
fn every_command_of_the_readme_prints_what_the_readme_says() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let blocks = console_blocks(&readme);
    assert!(
        blocks.len() >= 2,
        "the README shows a pet refused and a Job completed"
    );
    for (arguments, expected) in blocks {
        let actual = stdout(&cattlegrid(&arguments));
        assert_eq!(
            actual.trim_end(),
            expected.trim_end(),
            "cattlegrid {}",
            arguments.join(" ")
        );
    }
}
