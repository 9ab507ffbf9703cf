//! A workspace with more entities than fit on a page: its lists are cut and searched, its picture begins somewhere, and
//! the search asks only where something is.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(many_entities_are_found_and_leafed_through);

const MANY: usize = 64;

fn names(page: &Page) -> Vec<String> {
    page.all("tbody tr code").iter().map(|code| code.text.clone()).collect()
}

async fn many_entities_are_found_and_leafed_through(engine: Engine) {
    let world = World::start(engine).await;
    let installation = &world.server.installation;
    for number in 0..MANY {
        let name = format!("thing_{number:02}");
        let mut properties = json!({ "name": { "kind": "text", "title": "Name" } });
        if number > 0 {
            // One of them is in the middle of everything.
            properties["hub"] = json!({ "kind": "link", "to": "thing_00", "title": "Hub" });
        }
        let entity = json!({ "name": name, "title": format!("Thing {number:02}"),
            "plural": format!("Things {number:02}"), "type": "object", "display": "name", "search": ["name"],
            "properties": properties });
        installation.file(&format!("large/schemas/entities/{name}.json"), entity.to_string());
    }
    let pack = json!({ "name": "workspace", "version": "1.0.0", "title": "Large" }).to_string();
    let folder = installation.file("large/pack.json", pack);
    let folder = folder.parent().expect("a folder").display().to_string();
    installation.run(&["apply", &folder]).await.done();
    let visitor = world.server.administrator().await;

    let first = visitor.open("admin/entities").await;
    assert_eq!(names(&first).len(), 60, "{first}");
    assert!(!first.body.contains("<details class=\"data\">"), "no picture of so many");
    let second = visitor.visit(&first.link("Next")).await.is(200);
    let all: Vec<String> = names(&first).into_iter().chain(names(&second)).collect();
    assert!((0..MANY).all(|number| all.contains(&format!("thing_{number:02}"))), "{all:?}");
    assert!(names(&first).iter().all(|name| !names(&second).contains(name)));
    let found = visitor.open("admin/entities?q=THINGS%2041").await;
    assert_eq!(names(&found), ["thing_41"]);
    visitor.open("admin/entities?q=nowhere").await.says("nowhere");
    visitor.open("admin/entities?after=-1").await.says("Things 00");
    assert_eq!(names(&visitor.open("admin/entities?after=9999").await), names(&second));
    let kind = visitor.open("admin/definitions/entity").await;
    assert_eq!(names(&kind).len(), 60);
    assert_eq!(names(&visitor.open("admin/definitions/entity?q=thing_41").await), ["thing_41"]);

    let lists = visitor.open("lists").await.says("Things 00").never_says("Things 63");
    visitor.visit(&lists.link("Next")).await.is(200).says("Things 63");
    visitor.open("lists?q=things%2063").await.says("Things 63").never_says("Things 62");

    // A role begins with what it says of single entities; what is saved on one page leaves the others as they are.
    let lines = |page: &Page| page.all("table.matrix tbody tr").len();
    let role = visitor.open("admin/roles/inspector").await;
    assert_eq!(lines(&role), 61);
    assert_eq!(role.form_with("building.read").value("building.own"), "1");
    let found = visitor.open("admin/roles/inspector?q=things%2063").await;
    assert_eq!(lines(&found), 2);
    let line = found.form_with("thing_63.read").set("thing_63.own", "1").set("thing_63.read", "own");
    let saved = visitor.send(&line).await.is(200);
    let second = visitor.submit(&saved.form_with("title").press("Next")).await.is(200);
    let saved = visitor.send(&second.form_with("title").set("description", "Looks at things")).await.is(200);
    let form = saved.form_with("thing_63.read");
    assert_eq!((form.value("thing_63.own"), form.value("thing_63.read")), ("1".into(), "own".into()));
    assert_eq!(
        (form.value("building.own"), form.value("description")),
        ("1".into(), "Looks at things".into())
    );
    // What was chosen goes along with the page that is turned, and when another entity is looked for.
    let first = saved.form_with("title").set("building.read", "team").set("title", "Looker");
    let second = visitor.submit(&first.press("Next")).await.is(200);
    assert_eq!(second.form_with("title").value("title"), "Looker");
    let line =
        second.all("table.matrix select").into_iter().map(|select| select.attribute("name").to_owned());
    let far = line.filter_map(|name| name.strip_suffix(".read").map(str::to_owned)).next_back().unwrap();
    let ticked = second.form_with("title").set(&format!("{far}.own"), "1").set(&format!("{far}.read"), "all");
    let back = visitor.submit(&ticked.press("Previous")).await.is(200);
    assert_eq!(back.form_with("title").value("building.read"), "team");
    let looked = visitor.submit(&back.form_with("title").set("q", &far.replace('_', "s "))).await.is(200);
    assert_eq!((lines(&looked), looked.form_with("title").value(&format!("{far}.read"))), (2, "all".into()));
    let fresh = visitor.open("admin/roles/inspector").await;
    assert_eq!(fresh.form_with("title").value("building.read"), "all", "nothing is kept before it is saved");
    let saved = visitor.send(&looked.form_with("title")).await.is(200);
    let form = saved.form_with("title");
    assert_eq!((form.value("title"), form.value("building.read")), ("Looker".into(), "team".into()));
    assert_eq!(
        (form.value(&format!("{far}.own")), form.value(&format!("{far}.read"))),
        ("1".into(), "all".into())
    );

    // The picture begins with the one in the middle; everything can still be asked for.
    let diagram = visitor.open("admin/entities/diagram").await;
    assert_eq!(diagram.form_with("around").value("around"), "thing_00");
    let whole = visitor.open("admin/entities/diagram?around=").await;
    assert_eq!(whole.form_with("around").value("around"), "");

    world.admin.create("thing_41", &json!({ "name": "Needle" })).await.id();
    let hits = visitor.open("search?q=needle").await.says("Needle");
    assert_eq!(hits.form_with("in").offers("in"), ["thing_41"], "only where something is");
    let none = visitor.open("search?q=needle&in=thing_42").await;
    let mut offered = none.form_with("in").offers("in");
    offered.sort();
    assert_eq!(offered, ["thing_41", "thing_42"]);

    // Page after page shows the same draft, and the next save is seen at once.
    for label in ["One", "Two"] {
        let page = visitor.open("admin/entities/thing_41/fields/name").await;
        visitor.send(&page.form_with("title").set("title", label)).await.is(200);
        for _ in 0..2 {
            visitor.open("admin/entities/thing_41").await.says(label);
        }
    }
    // Another's publication is under the draft from then on.
    let mut other = world.admin.get("definitions/entity/thing_41").await.is(200).json;
    other["properties"]["more"] = json!({ "kind": "text", "title": "More of it" });
    world.admin.publish("Beside", &[("entity", "thing_41", other)]).await;
    visitor.open("admin/entities/thing_41").await.says("More of it").says("Two");
}
