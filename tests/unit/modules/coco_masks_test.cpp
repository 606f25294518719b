// export-coco: option masks = fetch, brush traces and masks from PNG files.
//
// The PNG files are drawn with letters (png_file.hpp), and the fake host gives them out by URL. Files that are missing,
// broken or of another size must cost only their own objects. Rules: modules/FORMATS.md 1.5 and 5.6.
#include "coco_run.hpp"
#include "png_file.hpp"

#include <doctest/doctest.h>

using namespace std::string_literals;

namespace {

const std::string kNone = "\0\0\0\0"s, kRed = "\xFF\0\0\xFF"s, kBlue = "\0\0\xFF\xFF"s, kWhite = "\xFF\xFF\xFF\xFF"s,
                  kBlack = "\0\0\0\xFF"s;

const std::string kSchema = R"({"tools":[{"schemaId":"s-box","title":"Box","tool":"bounding-box","color":"#00FF00"},)"
                            R"({"schemaId":"s-road","title":"Road","tool":"brush","color":"#FF0000"},)"
                            R"({"schemaId":"s-sky","title":"Sky","tool":"brush","color":"#0000ff"}]})";

/// One record of a 4 x 3 image; task: members of it.
std::string record(const std::string &task, const std::string &more = R"("metadata":{"width":4,"height":3},)") {
    return R"({"externalId":"a.png",)" + more + R"("task":{"taskId":"t",)" + task + "}}";
}

const std::string kBrush = R"("brushDataUrl":"https://files.test/b.png?sig=secret")";

std::string masked(const std::string &masks, const std::string &more = "") {
    return R"("tools":[{"objectId":"o","schemaId":"s","title":"Field","masks":)" + masks + more + "}]";
}

struct Given {
    std::vector<std::string> records;
    std::map<std::string, std::string> files;
    std::string config = R"({"masks":"fetch"})";
    std::string event = R"({"projectId":"p1","categorySchema":)" + kSchema + "}";
    std::set<std::string, std::less<>> without = {};
};

CocoRun run_of(const Given &given) {
    fake_host::Run what;
    what.records = given.records;
    what.files = given.files;
    what.config = given.config;
    what.event = given.event;
    what.without = given.without;
    return CocoRun(what);
}

std::string picture(const std::string &rows) {
    return png_file::draw(rows, {{'.', kNone},
                                 {'r', kRed},
                                 {'b', kBlue},
                                 {'w', kWhite},
                                 {'k', kBlack},
                                 {'h', "\xFF\0\0\x80"s},
                                 {'f', "\xFF\0\0\x7F"s},
                                 {'x', "\xFE\0\0\xFF"s}});
}

} // namespace

TEST_CASE("brush traces become one annotation for each class, told by its exact colour") {
    const CocoRun run = run_of({.records = {record(kBrush)},
                                .files = {{"https://files.test/b.png?sig=secret", picture("rr.b\nrf.b\n.xhb\n")}}});
    REQUIRE(run.outcome.status == ANGO_OK);
    CHECK(run.annotation_count() == 2);
    CHECK(run.coco.text("categories") == R"([{"id":1,"name":"Box","supercategory":""},{"id":2,"name":"Road",)"
                                         R"("supercategory":""},{"id":3,"name":"Sky","supercategory":""}])");
    // Half opaque counts, less does not; a shade off is no class.
    CHECK(run.coco.text("annotations/0/segmentation") == R"({"size":[3,4],"counts":[0,2,1,1,4,1,3]})");
    CHECK(run.coco.text("annotations/0/area") == "4");
    CHECK(run.coco.text("annotations/0/bbox") == "[0,0,3,3]");
    CHECK(run.coco.text("annotations/0/category_id") == "2");
    CHECK(run.coco.text("annotations/0/iscrowd") == "0");
    CHECK(run.coco.text("annotations/1/segmentation") == R"({"size":[3,4],"counts":[9,3]})");
    CHECK(run.note("brush_annotations") == 2);
    CHECK(run.note("brush_unmatched_px") == 1);
    CHECK(run.balanced());
    CHECK(run.outcome.entries.at("annotations.json").find("secret") == std::string::npos);
}

TEST_CASE("brush traces are left out with a note and a warning unless they are asked for") {
    const CocoRun run = run_of({.records = {record(kBrush)}, .config = "{}"});
    CHECK(run.annotation_count() == 0);
    CHECK(run.outcome.fetched.empty());
    CHECK(run.note("brush_ignored") == 1);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(The brush traces of 1 task were left out: option "masks")"));
}

TEST_CASE("the brush picture of a multi-page asset is left out: nothing says which page it is of") {
    const CocoRun run = run_of({.records = {record(kBrush, R"("dataset":["a","b"],)")}});
    CHECK(run.outcome.fetched.empty());
    CHECK(run.note("brush_ignored") == 1);
}

TEST_CASE("without an ontology in the event, Hub is asked for the project, once") {
    const std::string project = R"({"status":"success","data":{"project":{"categorySchema":)" + kSchema + "}}}";
    const CocoRun run = run_of(
        {.records = {record(kBrush), record(kBrush)},
         .files = {{"https://files.test/b.png?sig=secret", picture("rr..\n....\n....\n")}, {"/v2/project/p1", project}},
         .event = R"({"projectId":"p1"})"});
    CHECK(run.annotation_count() == 2);
    CHECK(run.coco.text("categories/0/name") == "\"Road\"");
    CHECK(run.outcome.fetched.size() == 3);
}

TEST_CASE("where no tool is called brush, all colours of the ontology count") {
    const CocoRun run =
        run_of({.records = {record(kBrush)},
                .files = {{"https://files.test/b.png?sig=secret", picture("rr..\n....\n....\n")}},
                .event = R"({"categorySchema":[{"schemaId":"s","title":"Road","tool":"paint","color":"#ff0000"}]})"});
    CHECK(run.coco.text("categories/0/name") == "\"Road\"");
    CHECK(run.annotation_count() == 1);
}

TEST_CASE("brush traces without colours fail the run with a sentence") {
    for (const std::string event : {R"({"projectId":"p1"})", R"({"projectId":"../x"})", "{}"}) {
        const fake_host::Outcome outcome = run_of({.records = {record(kBrush)}, .event = event}).outcome;
        CHECK(outcome.status == ANGO_FAILED);
        CHECK(outcome.user_text ==
              R"(Brush traces need the colours of the project's classes, but Hub did not give them. )"
              R"(Set option "masks" to "none" to convert without brush traces.)");
    }
}

TEST_CASE("a brush picture that cannot be had costs its traces only, with a note and a warning that names the asset") {
    const std::string other_size = picture("rr\nrr\n");
    const std::string cut = picture("rr.b\nrr.b\n...b\n").substr(0, 50);
    for (const std::string &file : {""s, "hello"s, other_size, cut}) {
        Given given{.records = {record(kBrush), record(R"("tools":[])")}};
        if (!file.empty()) given.files["https://files.test/b.png?sig=secret"] = file;
        const CocoRun run = run_of(given);
        CHECK(run.outcome.status == ANGO_OK);
        CHECK(run.coco.size("images") == 2);
        CHECK(run.annotation_count() == 0);
        CHECK(run.note("mask_unreadable") == 1);
        CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(A mask of "a.png" was left out: )"));
    }
}

TEST_CASE("an image of unknown size takes a brush picture of any size up to max_pixels") {
    Given given{.records = {record(kBrush, "")}};
    given.files["https://files.test/b.png?sig=secret"] = picture("r\nr\n");
    CHECK(run_of(given).coco.text("annotations/0/segmentation/size") == "[2,1]");
    given.config = R"({"masks":"fetch","max_pixels":1})";
    CHECK(run_of(given).note("mask_unreadable") == 1);
}

TEST_CASE("class_list and min_area hold for brush traces too") {
    Given given{.records = {record(kBrush)}, .config = R"({"masks":"fetch","class_list":["Sky"],"min_area":2})"};
    given.files["https://files.test/b.png?sig=secret"] = picture("rr.b\nrr..\n....\n");
    const CocoRun run = run_of(given);
    CHECK(run.annotation_count() == 0);
    CHECK(run.note("brush_unmatched_px") == 4);
    CHECK(run.note("below_min_area") == 1);
}

TEST_CASE("a segmentation without points comes from its masks, told by transparency or by black and white") {
    for (const char *rows : {".r..\n.r..\n.k..\n", "kwkk\nkwkk\nkwkk\n"}) {
        for (const std::string masks : {R"("https://files.test/m.png")", R"(["https://files.test/m.png"])"}) {
            const CocoRun run =
                run_of({.records = {record(masked(masks))}, .files = {{"https://files.test/m.png", picture(rows)}}});
            CHECK(run.first("segmentation") == R"({"size":[3,4],"counts":[3,3,6]})");
            CHECK(run.first("area") == "3");
            CHECK(run.first("bbox") == "[1,0,1,3]");
            CHECK(run.first("ango_object_id") == "\"o\"");
            CHECK(run.count("tools/segmentation/emitted") == 1);
            CHECK(run.note("masked") == 1);
            CHECK(run.balanced());
        }
    }
}

TEST_CASE("several masks of a segmentation are one object; an empty member beside them does not matter") {
    const CocoRun run = run_of({.records = {record(masked(R"(["https://files.test/1","https://files.test/2"])",
                                                          R"(,"segmentation":{"zones":[]})"))},
                                .files = {{"https://files.test/1", picture("r...\n....\n....\n")},
                                          {"https://files.test/2", picture("kwkk\nkkkk\nkkkk\n")}}});
    CHECK(run.first("segmentation") == R"({"size":[3,4],"counts":[0,1,2,1,8]})");
}

TEST_CASE("without the option, or without a readable mask, such a segmentation is dropped as before") {
    const std::string one = record(masked(R"("https://files.test/m.png")"));
    const CocoRun not_wanted = run_of({.records = {one}, .config = "{}"});
    CHECK(not_wanted.dropped("segmentation", "segmentation_without_points") == 1);
    CHECK(not_wanted.outcome.fetched.empty());
    const CocoRun unreadable = run_of({.records = {one, record(masked("[]")), record(masked("[7]"))}});
    CHECK(unreadable.dropped("segmentation", "segmentation_without_points") == 3);
    CHECK(unreadable.note("mask_unreadable") == 2);
    CHECK(unreadable.balanced());
    const CocoRun empty =
        run_of({.records = {one}, .files = {{"https://files.test/m.png", picture("....\n....\n....\n")}}});
    CHECK(empty.dropped("segmentation", "degenerate") == 1);
}

TEST_CASE("points of a segmentation win over its masks, and an unknown shape stays one") {
    const CocoRun run =
        run_of({.records = {record(masked(R"("https://files.test/m")",
                                          R"(,"segmentation":{"zones":[{"region":[[0,0],[2,0],[2,2]]}]})")),
                            record(masked(R"("https://files.test/m")", R"(,"circle":{"r":1})"))}});
    CHECK(run.annotation_count() == 1);
    CHECK(run.outcome.fetched.empty());
    CHECK(run.dropped("circle", "unknown_shape") == 1);
}

TEST_CASE(
    "in a host that cannot fetch files, masks are left out with a warning that says so, and all else is converted") {
    const std::string box = R"("tools":[{"objectId":"b","schemaId":"s-box","title":"Box",)"
                            R"("bounding-box":{"x":0,"y":0,"width":2,"height":2}}])";
    const CocoRun run =
        run_of({.records = {record(kBrush), record(masked(R"("https://files.test/m.png")")), record(box)},
                .files = {{"https://files.test/b.png?sig=secret", picture("rr.b\nrf.b\n.xhb\n")},
                          {"https://files.test/m.png", picture(".r..\n.r..\n.k..\n")}},
                .without = {"ango.http"}});
    REQUIRE(run.outcome.created == ANGO_OK);
    REQUIRE(run.outcome.status == ANGO_OK);
    CHECK(run.outcome.fetched.empty());
    CHECK(run.coco.size("images") == 3);
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("bbox") == "[0,0,2,2]");
    CHECK(run.note("mask_unreadable") == 2);
    CHECK(run.dropped("segmentation", "segmentation_without_points") == 1);
    CHECK(run.balanced());
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(A mask of "a.png" was left out: it could not be fetched: )"
                                               "this version of the plugin host cannot fetch files."));
}

TEST_CASE(
    "in a host that cannot fetch files, brush traces without colours in the event fail the run with both reasons") {
    const fake_host::Outcome outcome =
        run_of({.records = {record(kBrush)}, .event = R"({"projectId":"p1"})", .without = {"ango.http"}}).outcome;
    CHECK(outcome.status == ANGO_FAILED);
    CHECK(outcome.user_text.starts_with("Brush traces need the colours of the project's classes"));
    CHECK(outcome.operator_text == "this version of the plugin host cannot fetch files.");
}

TEST_CASE("without option masks it does not matter that a host cannot fetch files") {
    const Given with{.records = {record(kBrush), record(R"("tools":[])")}, .config = "{}"};
    Given without = with;
    without.without = {"ango.http", "ango.hub"};
    const CocoRun expected = run_of(with), run = run_of(without);
    CHECK(run.outcome.status == ANGO_OK);
    CHECK(run.outcome.entries.at("annotations.json") == expected.outcome.entries.at("annotations.json"));
    CHECK(run.outcome.log == expected.outcome.log);
}
