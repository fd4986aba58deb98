//! `firsthand init`.

use crate::run::Place;

#[test]
fn a_project_folder_is_made_and_never_overwritten() {
    let place = Place::empty();
    insta::assert_snapshot!(place.run("init shop"), @r"
    exit status 0
    --- stdout
    A project in shop:

      firsthand.yaml
      definitions/near-limit.yaml
      definitions/steady-trial.yaml
      .gitignore

    Next: put your plans and events into firsthand.yaml, then

      firsthand check
      firsthand import FILE...
      firsthand replay
    ");
    assert!(place.read("shop/definitions/near-limit.yaml").contains("definition: near-limit"));
    place.write("shop/firsthand.yaml", "mine");
    insta::assert_snapshot!(place.run("init shop"), @r"
    exit status 2
    --- stderr
    error: `shop` already has `firsthand.yaml`, `definitions/near-limit.yaml`, `definitions/steady-trial.yaml` and `.gitignore`

    help: Choose an empty folder, or move these away.
    ");
    assert_eq!(place.read("shop/firsthand.yaml"), "mine");
}
