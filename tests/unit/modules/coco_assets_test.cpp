// export-coco: which assets become images, and the names and sizes of these images.
//
// Each case converts a few records in memory (coco_run.hpp) and looks at the images, the report and the warnings.
// Rules: modules/FORMATS.md 1.6, 1.10, 4.2, 4.4 and 4.5.
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

const std::string kBox =
    R"({"bounding-box":{"x":1,"y":1,"width":2,"height":2},"objectId":"o","schemaId":"s","title":"Tree")";

std::string named(const std::string &external_id, const std::string &task_id) {
    return R"({"externalId":")" + external_id + R"(","task":{"taskId":")" + task_id + R"(","tools":[]}})";
}

std::string v2(const std::string &tasks) {
    return R"({"externalId":"a.jpg","metadata":{"width":9,"height":9},"tasks":[)" + tasks + "]}";
}
std::string v2_task(const std::string &id, const std::string &more = "") {
    return R"({"taskId":")" + id + R"(",)" + more + R"("objects":[)" + kBox + "}]}";
}

} // namespace

TEST_CASE("an image tells its size, its name, where it came from and its task, without the secret of the URL") {
    const CocoRun run = convert({record_with("")});
    CHECK(run.coco.text("images") ==
          R"([{"id":1,"width":100,"height":80,"file_name":"a.jpg","ango_external_id":"a.jpg",)"
          R"("ango_asset_url":"https://files.example.test/a.jpg","ango_task_id":"t-1"}])");
    CHECK(run.outcome.entries.at("annotations.json").find("secret") == std::string::npos);
    CHECK(run.outcome.entries.at("conversion_report.json").find("secret") == std::string::npos);
}

TEST_CASE("ids count from one over all images and annotations, in input order") {
    const CocoRun run = convert(
        {named("b.jpg", "1"), record_with(kBox + "}," + kBox + "}"), named("c.jpg", "3"), record_with(kBox + "}")});
    CHECK(run.coco.text("images/3/id") == "4");
    CHECK(run.coco.text("images/0/file_name") == "\"b.jpg\"");
    CHECK(run.coco.text("annotations/0/image_id") == "2");
    CHECK(run.coco.text("annotations/2/id") == "3");
    CHECK(run.coco.text("annotations/2/image_id") == "4");
}

TEST_CASE("an image of unknown size is written without width and height, and nothing is clipped") {
    const CocoRun run = convert({R"({"externalId":"a.jpg","metadata":{"width":0,"height":"x"},"task":{"tools":[)" +
                                 tool("bounding-box", R"({"x":-5,"y":-5,"width":9999,"height":9})") + "]}}"});
    CHECK(run.coco.at("images/0/width") == nullptr);
    CHECK(run.first("bbox") == "[-5,-5,9999,9]");
    CHECK(run.note("image_without_size") == 1);
}

TEST_CASE("sizes given as numeric text count") {
    const CocoRun run = convert({R"({"externalId":"a.jpg","metadata":{"width":"640","height":480},"task":{}})"});
    CHECK(run.coco.text("images/0/width") == "640");
}

TEST_CASE("the image_sizes table fills in what the record does not say") {
    const CocoRun run =
        convert({named("a.jpg", "1"), R"({"asset":"https://x.test/b?sig=1","externalId":"","task":{"taskId":"2"}})"},
                R"({"image_sizes":{"a.jpg":[64,48],"https://x.test/b":[[7,8]]}})");
    CHECK(run.coco.text("images/0/height") == "48");
    CHECK(run.coco.text("images/1/width") == "7");
}

TEST_CASE("a second asset of one name gets its task id, a third the next number, whatever the case of the name") {
    const CocoRun run = convert({named("x/A.jpg", "t1"), named("x_a.JPG", "t2"), named("X/a.jpg", "t2")});
    CHECK(run.coco.text("images/0/file_name") == "\"x_A.jpg\"");
    CHECK(run.coco.text("images/1/file_name") == "\"x_a__t2.JPG\"");
    CHECK(run.coco.text("images/2/file_name") == "\"X_a__t2_2.jpg\"");
    CHECK(run.note("name_changed") == 2);
}

TEST_CASE("the names table leads every output back to its asset") {
    const CocoRun run = convert({named("x/A.jpg", "t1"), named("../../etc/passwd", "t2")});
    CHECK(run.report.text("names") ==
          R"([{"out":"x_A.jpg","externalId":"x/A.jpg","taskId":"t1","page":0},)"
          R"({"out":"etc_passwd","externalId":"../../etc/passwd","taskId":"t2","page":0}])");
}

TEST_CASE("keep_dirs keeps the folders of a name") {
    const CocoRun run = convert({named("x/./y/A.jpg", "t1")}, R"({"keep_dirs":true})");
    CHECK(run.coco.text("images/0/file_name") == "\"x/y/A.jpg\"");
}

TEST_CASE("an asset without a name is called by its task") {
    const CocoRun run = convert({named("", "t-9"), named("", "")});
    CHECK(run.coco.text("images/0/file_name") == "\"t-9\"");
    CHECK(run.coco.text("images/1/file_name") == "\"asset\"");
}

TEST_CASE("texts, videos and volumes are left out, and their tools are counted") {
    const CocoRun run =
        convert({R"({"externalId":"a.txt","task":{"tools":[{"ner":{"start":1,"end":2},"title":"x"}]}})",
                 R"({"externalId":"clip","metadata":{"frameTotal":10},"task":{"tools":[)" + kBox + "}]}}",
                 R"({"asset":"https://x.test/scan.nii?x=.jpg","externalId":"scan","task":{}})"});
    CHECK(run.coco.size("images") == 0);
    CHECK(run.count("assets/skipped/not_an_image") == 3);
    CHECK(run.dropped("ner", "not_an_image") == 1);
    CHECK(run.dropped("bounding-box", "not_an_image") == 1);
    CHECK(run.balanced());
}

TEST_CASE("every page of a multi-image asset is an image with its own tools") {
    const CocoRun run = convert(
        {R"({"externalId":"scan","metadata":{"width":9,"height":9},"dataset":["https://x.test/p.png?s=1","https://x.test/q","https://x.test/r.jpg"],
        "task":{"taskId":"t","tools":[)" +
         kBox + R"(,"page":2},)" + kBox + "}," + kBox + R"(,"page":3}]}})"});
    CHECK(run.coco.size("images") == 3);
    CHECK(run.coco.text("images/0/file_name") == "\"scan_p000000.png\"");
    CHECK(run.coco.text("images/1/file_name") == "\"scan_p000001\"");
    CHECK(run.coco.text("images/2/file_name") == "\"scan_p000002.jpg\"");
    CHECK(run.coco.text("images/2/ango_page") == "2");
    CHECK(run.coco.text("images/0/ango_asset_url") == "\"https://x.test/p.png\"");
    CHECK(run.coco.text("annotations/0/image_id") == "1");
    CHECK(run.coco.text("annotations/1/image_id") == "3");
    CHECK(run.dropped("bounding-box", "invalid_geometry") == 1); // page 3 does not exist
    CHECK(run.balanced());
}

TEST_CASE("only page 0 has the size of the record, unless all pages are said to be of one size") {
    const std::string record =
        R"({"externalId":"scan","metadata":{"width":9,"height":9},"dataset":["a","b"],"task":{}})";
    CHECK(convert({record}).coco.at("images/1/width") == nullptr);
    CHECK(convert({record}, R"({"dataset_same_size":true})").coco.text("images/1/width") == "9");
}

TEST_CASE("video=frames makes an image of each frame that shows a tool") {
    const CocoRun run = convert(
        {R"({"externalId":"clip.mp4","metadata":{"width":9,"height":9,"frameTotal":50},"task":{"taskId":"t","tools":[)" +
         kBox + R"(,"page":7},)" + kBox + R"(,"page":3},)" + kBox + R"(,"page":7},)" + kBox +
         R"(,"page":9,"interpolationStopped":true}]}})"},
        R"({"video":"frames"})");
    CHECK(run.coco.size("images") == 2);
    CHECK(run.coco.text("images/0/file_name") == "\"clip_p000003.jpg\"");
    CHECK(run.coco.text("images/1/file_name") == "\"clip_p000007.jpg\"");
    CHECK(run.coco.size("annotations") == 3);
    CHECK(run.count("tools/bounding-box/ended") == 1);
    CHECK(run.balanced());
}

TEST_CASE("a video object with a list of frames is expanded to one entry a frame") {
    const CocoRun run =
        convert({R"({"externalId":"clip.mp4","metadata":{"width":9,"height":9,"frameTotal":50},"task":{"tools":[
        {"schemaId":"s","objectId":"o","title":"Tree","frames":[
          {"frame":1,"bounding-box":{"x":1,"y":1,"width":2,"height":2}},
          {"page":2,"bounding-box":{"x":1,"y":1,"width":3,"height":2}},
          {"page":"x"}]},
        {"schemaId":"s","objectId":"p","title":"Tree","track":{"a":1}}]}})"},
                R"({"video":"frames"})");
    CHECK(run.annotation_count() == 2);
    CHECK(run.first("ango_object_id") == "\"o\"");
    CHECK(run.dropped("unknown", "unrecognised_video_tool") == 1);
    CHECK(run.dropped("track", "unrecognised_video_tool") == 1);
    CHECK(run.balanced());
}

TEST_CASE("a page number on a single image is ignored with a note") {
    const CocoRun run = convert({record_with(kBox + R"(,"page":4})")});
    CHECK(run.annotation_count() == 1);
    CHECK(run.note("page_ignored") == 1);
}

TEST_CASE("a page that is no page number is invalid") {
    const CocoRun run =
        convert({record_with(kBox + R"(,"page":-1},)" + kBox + R"(,"page":1.5},)" + kBox + R"(,"page":null})")});
    CHECK(run.annotation_count() == 1);
    CHECK(run.dropped("bounding-box", "invalid_geometry") == 2);
}

TEST_CASE("a v2 record with objects converts like a v3 record") {
    const CocoRun run = convert({v2(v2_task("t1"))});
    CHECK(run.annotation_count() == 1);
    CHECK(run.coco.text("images/0/ango_task_id") == "\"t1\"");
}

TEST_CASE("the first v2 task that was not skipped is taken and the others are counted") {
    const CocoRun run =
        convert({v2(v2_task("t1", R"("isSkipped":true,)") + "," + v2_task("t2") + "," + v2_task("t3"))});
    CHECK(run.coco.size("images") == 1);
    CHECK(run.coco.text("images/0/ango_task_id") == "\"t2\"");
    CHECK(run.dropped("bounding-box", "skipped_task") == 1);
    CHECK(run.dropped("bounding-box", "other_task") == 1);
    CHECK(run.balanced());
}

TEST_CASE("v2_task=all makes an image of every task, named by it") {
    const CocoRun run = convert({v2(v2_task("t1") + "," + v2_task("t2"))}, R"({"v2_task":"all"})");
    CHECK(run.coco.text("images/0/file_name") == "\"a__t1.jpg\"");
    CHECK(run.coco.text("images/1/file_name") == "\"a__t2.jpg\"");
    CHECK(run.annotation_count() == 2);
    CHECK(run.count("assets/converted") == 1);
}

TEST_CASE("a v2 asset of which all tasks were skipped is left out") {
    const CocoRun run = convert({v2(v2_task("t1", R"("isSkipped":true,)"))});
    CHECK(run.count("assets/skipped/skipped_task") == 1);
    CHECK(run.coco.size("images") == 0);
}

TEST_CASE("tools wins over objects where a task has both") {
    const CocoRun run = convert({R"({"externalId":"a.jpg","task":{"tools":[],"objects":[)" + kBox + "}]}}"});
    CHECK(run.annotation_count() == 0);
}

TEST_CASE("batch_names keeps the assets of these batches, whatever nulls stand among their batches") {
    const auto in_batches = [](const std::string &batches) {
        return R"({"externalId":"a.jpg","batches":)" + batches + R"(,"task":{"tools":[)" + kBox + "}]}}";
    };
    const CocoRun run = convert({in_batches(R"([null,"night"])"), in_batches(R"(["day"])"), in_batches("null")},
                                R"({"batch_names":["night"]})");
    CHECK(run.coco.size("images") == 1);
    CHECK(run.count("assets/skipped/filtered_batch") == 2);
    CHECK(run.dropped("bounding-box", "filtered_batch") == 2);
    CHECK(run.balanced());
}

TEST_CASE("without history the review options are ignored with a note") {
    const CocoRun run = convert({record_with(kBox + "}")}, R"({"export_labeled_assets":false})");
    CHECK(run.annotation_count() == 1);
    CHECK(run.note("review_status_unknown") == 1);
}

TEST_CASE("with history export_labeled_assets=false keeps the reviewed assets only") {
    const std::string labelled = record_with(
        kBox + "}", R"("stageHistory":[{"stage":"Start","stageId":"Start"},{"stage":"Label","stageId":"Label"}])");
    const std::string reviewed = record_with(
        kBox + "}",
        R"("stageHistory":[{"stage":"Label"},{"stage":"Second look","stageId":"u-1","reviewStatus":"Accepted"}])");
    const CocoRun run = convert({labelled, reviewed}, R"({"export_labeled_assets":false})");
    CHECK(run.annotation_count() == 1);
    CHECK(run.count("assets/skipped/filtered_stage") == 1);
    CHECK(run.dropped("bounding-box", "filtered_stage") == 1);
    const CocoRun other = convert({labelled, reviewed, reviewed}, R"({"export_reviewed_assets":false})");
    CHECK(other.count("assets/skipped/filtered_stage") == 2);
}

TEST_CASE("in v2 the review member tells what was reviewed") {
    const CocoRun run = convert({v2(v2_task("t1", R"("review":{"status":null,"completedAt":null},)")),
                                 v2(v2_task("t2", R"("review":{"completedAt":"2022-01-01T00:00:00Z"},)"))},
                                R"({"export_review_assets":false})");
    CHECK(run.coco.size("images") == 1);
    CHECK(run.coco.text("images/0/ango_task_id") == "\"t1\"");
}

TEST_CASE("the frames of a video object are found whatever other lists stand before them") {
    const CocoRun run =
        convert({R"({"externalId":"clip.mp4","metadata":{"width":9,"height":9,"frameTotal":50},"task":{"tools":[
        {"schemaId":"s","objectId":"o","title":"Tree","remarks":[{"text":"x"}],"frames":[
          {"frame":1,"bounding-box":{"x":1,"y":1,"width":2,"height":2}}],"more":[{"text":"y"}]}]}})"},
                R"({"video":"frames"})");
    CHECK(run.annotation_count() == 1);
    CHECK(run.balanced());
}

TEST_CASE("a markdown text in the place of the URL is no image, and never shown as a URL") {
    const CocoRun run = convert({R"({"asset":"# Title\nsee pictures/a.jpg","externalId":"note 5","task":{}})",
                                 R"({"asset":"# Title\nsee","externalId":"b.jpg","task":{}})"});
    CHECK(run.count("assets/skipped/not_an_image") == 1);
    CHECK(run.coco.size("images") == 1);
    CHECK(run.coco.at("images/0/ango_asset_url") == nullptr);
}

TEST_CASE("batch_names are compared as they are seen, and a batch in another case is told") {
    const auto with_batch = [](const std::string &name) {
        return convert({R"({"externalId":"a.png","batches":[")" + name + R"("],"task":{}})"},
                       "{\"batch_names\":[\"Caf\u00e9 \"]}");
    };
    CHECK(with_batch("Cafe\u0301").coco.size("images") == 1);
    const CocoRun other = with_batch("caf\u00e9");
    CHECK(other.coco.size("images") == 0);
    CHECK(other.outcome.logged(
        ANGO_LOG_WARNING,
        "The batch \"caf\u00e9\" of the export is not wanted. The batch \"Caf\u00e9\u2420\" of option "
        "\"batch_names\" differs from it only in upper and lower case."));
}
