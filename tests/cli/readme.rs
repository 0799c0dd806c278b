//! The README and the pages show what the program really prints.

use std::path::Path;

use crate::{cattlegrid, stdout};

/// Pages with console blocks, and at least how many each has.
const PAGES: &[(&str, usize)] = &[("README.md", 2), ("docs/audit.md", 2)];

/// Console blocks of a page: the command after `$ cattlegrid`, and the output below it.
fn console_blocks(page: &str) -> Vec<(Vec<&str>, &str)> {
    page.split("```console\n")
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
fn every_command_of_a_page_prints_what_the_page_says() {
    for (name, least) in PAGES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = std::fs::read_to_string(file).unwrap();
        let blocks = console_blocks(&page);
        assert!(blocks.len() >= *least, "{name}");
        for (arguments, expected) in blocks {
            let actual = stdout(&cattlegrid(&arguments));
            assert_eq!(
                actual.trim_end(),
                expected.trim_end(),
                "{name}: cattlegrid {}",
                arguments.join(" ")
            );
        }
    }
}
