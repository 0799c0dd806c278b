use proptest::prelude::*;

use super::*;

#[test]
fn paths_are_those_of_the_specification() {
    for (content, index, width, path) in [
        (Content::Hashes(0), 5, 256, "tile/0/005"),
        (Content::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067"),
        (Content::Hashes(1), 1, 17, "tile/1/001.p/17"),
        (Content::Entries, 273, 112, "tile/entries/273.p/112"),
        (Content::Entries, 1000, 1, "tile/entries/x001/000.p/1"),
    ] {
        let tile = Tile::new(content, index, width).unwrap();
        assert_eq!(tile.path(), path);
        assert_eq!(Tile::from_path(path), Some(tile), "{path}");
    }
}

#[test]
fn other_spellings_are_no_tiles() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/5",
        "tile/0/0005",
        "tile/0/+05",
        "tile/00/005",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/005",
        "tile/0/001/005",
        "tile/0/x001",
        "tile/0/005.p/0",
        "tile/0/005.p/256",
        "tile/0/005.p/01",
        "tile/0/005.p/1/",
        "tile/0/005.p",
        "tile/data/005",
        "/tile/0/005",
        "tile/7/x072/x057/x594/x037/x927/936",
    ] {
        assert_eq!(Tile::from_path(path), None, "{path}");
    }
}

#[test]
fn a_tree_of_70000_leaves_has_the_tiles_of_the_worked_example() {
    let paths: Vec<String> = partial_tiles(70_000).iter().map(Tile::path).collect();
    let expected = [
        "tile/entries/273.p/112",
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ];
    assert_eq!(paths, expected);
    assert_eq!(
        tile_of(Content::Hashes(1), 0, 70_000).map(|t| t.path()),
        Some("tile/1/000".to_owned())
    );
    assert_eq!(tile_of(Content::Hashes(1), 2, 70_000), None);
}

#[test]
fn a_full_tile_has_no_partial_one() {
    let paths: Vec<String> = partial_tiles(256).iter().map(Tile::path).collect();
    assert_eq!(paths, ["tile/1/000.p/1"]);
    assert!(partial_tiles(0).is_empty());
}

proptest! {
    #[test]
    fn a_path_leads_back_to_its_tile(level in 0..=5_u8, index in 0..1_u64 << 15, width in 1..=256_u16) {
        for content in [Content::Entries, Content::Hashes(level)] {
            let tile = Tile::new(content, index, width).unwrap();
            prop_assert_eq!(Tile::from_path(&tile.path()), Some(tile));
        }
    }

    #[test]
    fn no_path_is_read_as_another_one(path in "tile/(entries|[0-9]{1,2})/[x0-9/]{1,12}(\\.p/[0-9]{1,4})?") {
        if let Some(tile) = Tile::from_path(&path) {
            prop_assert_eq!(tile.path(), path);
        }
    }
}
