// export-coco: the run as a whole, with options, bad input, log lines and accounting.
//
// Each case converts a few records in memory (coco_run.hpp). The last cases convert random input, for which only the
// promises are checked: the run succeeds, the files are valid, and the accounting balances.
#include "coco_run.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

std::string refusal(const std::string &config) { return convert({}, config).outcome.user_text; }

const std::string kGood = R"({"externalId":"a.jpg","task":{"tools":[]}})";

} // namespace

TEST_CASE("an empty export is a valid result with a warning") {
    const CocoRun run = convert({});
    CHECK(run.outcome.status == ANGO_OK);
    CHECK(
        run.coco.text("") ==
        R"({"info":{"description":"Ango Hub export converted by export-coco"},"licenses":[],"images":[],"annotations":[],"categories":[]})");
    CHECK(run.report.text("assets") == R"({"in":0,"converted":0,"skipped":{}})");
    CHECK_FALSE(run.outcome.logged(ANGO_LOG_WARNING, "")); // the host says that the export is empty
}

TEST_CASE("the report has the agreed shape") {
    const CocoRun run = convert({record_with(tool("bounding-box", R"({"x":1,"y":1,"width":2,"height":2})"))});
    CHECK(run.report.text("") ==
          R"({"schema":1,"target":"coco","assets":{"in":1,"converted":1,"skipped":{}},)"
          R"("tools":{"bounding-box":{"in":1,"emitted":1,"merged":0,"ended":0,"dropped":{}}},)"
          R"("notes":{"clipped":0,"hole_dropped":0,"zone_split":0,"classifications_dropped":0,"relations_dropped":0},)"
          R"("classes":[{"id":1,"name":"Tree","schemaIds":["s-tree"]}],)"
          R"("names":[{"out":"a.jpg","externalId":"a.jpg","taskId":"t-1","page":0}]})");
}

TEST_CASE("a bad line costs that line only and is named") {
    const CocoRun run = convert({kGood, "{\"externalId\":", "[1,2]", R"({"externalId":"x"})", kGood});
    CHECK(run.outcome.status == ANGO_OK);
    CHECK(run.coco.size("images") == 2);
    CHECK(run.count("assets/in") == 5);
    CHECK(run.count("assets/skipped/bad_record") == 3);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Line 2 of the export was left out: it is not valid JSON"));
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Line 3 of the export was left out: it is a list"));
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Line 4 of the export was left out: it has no task"));
}

TEST_CASE("only the first of many bad lines are named") {
    fake_host::Run what;
    what.records.assign(50, "{");
    const CocoRun run(what);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Line 5 "));
    CHECK_FALSE(run.outcome.logged(ANGO_LOG_WARNING, "Line 6 "));
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "50 records"));
}

TEST_CASE("an array element that is no JSON fails the job and names the byte") {
    fake_host::Run what;
    what.array = true;
    what.records = {kGood, R"({"externalId" 1})"};
    const fake_host::Outcome outcome = fake_host::run(what);
    CHECK(outcome.status == ANGO_FAILED);
    const std::size_t offset = 1 + kGood.size() + 1 + std::string(R"({"externalId" )").size();
    CHECK(outcome.user_text.find("element 2") != std::string::npos);
    CHECK(outcome.user_text.find("at byte " + std::to_string(offset)) != std::string::npos);
}

TEST_CASE("an array element that is JSON but no asset costs only itself") {
    fake_host::Run what;
    what.array = true;
    what.records = {"17", kGood};
    const CocoRun run(what);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Element 1 of the export was left out: it is 17, not an asset record"));
    CHECK(run.coco.size("images") == 1);
}

TEST_CASE("a wrong option fails the job with one sentence of option, value and what is allowed") {
    CHECK(refusal(R"({"holes":"rel"})") == R"(Option "holes" is "rel", but must be one of "rle", "bridge" or "drop".)");
    CHECK(refusal(R"({"clip":"yes"})") == R"(Option "clip" is "yes", but must be true or false.)");
    CHECK(refusal(R"({"verbose_frequency":0})") ==
          R"(Option "verbose_frequency" is 0, but must be a whole number from 1 to 1000000000.)");
    CHECK(refusal(R"({"min_area":-1})") == R"(Option "min_area" is -1, but must be a number from 0 to 1000000000000.)");
    CHECK(refusal(R"({"batch_names":"x"})") == R"(Option "batch_names" is "x", but must be a list of texts.)");
    CHECK(refusal(R"({"class_list":[1]})") == R"(Option "class_list" holds 1, but must be a list of texts.)");
    CHECK(refusal(R"({"keypoints":true})") == R"(Option "keypoints" is true, but must be "none" or "group".)");
    CHECK(refusal(R"({"image_sizes":{"a":[1]}})").starts_with(R"(Option "image_sizes" holds no size for "a")"));
    CHECK(refusal(R"({"annotations_name":"../x"})").starts_with(R"(Option "annotations_name" is "../x")"));
    CHECK(refusal(R"({"annotations_name":"conversion_report.json"})").starts_with(R"(Option "annotations_name")"));
}

TEST_CASE("an unknown option is a warning with the nearest name and the run goes on") {
    const CocoRun run = convert({kGood}, R"({"hole":"rle","colour":1})");
    CHECK(run.outcome.status == ANGO_OK);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(Option "hole" is unknown and has no effect; did you mean "holes"?)"));
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(Option "colour" is unknown and has no effect.)"));
}

TEST_CASE("the plugin's settings are defaults that the run's options override") {
    fake_host::Run what;
    what.settings = R"({"box_segmentation":false,"min_area":9,"holez":1})";
    what.config = R"({"min_area":1,"box_segmentation":null})";
    what.records = {record_with(tool("bounding-box", R"({"x":1,"y":1,"width":2,"height":2})"))};
    const CocoRun run(what);
    CHECK(run.first("segmentation") == "[]");
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, R"(Option "holez" in the plugin's settings is unknown)"));
}

TEST_CASE("wrong settings refuse the plugin when it is created") {
    fake_host::Run what;
    what.settings = R"({"holes":1})";
    const fake_host::Outcome outcome = fake_host::run(what);
    CHECK(outcome.created == ANGO_FAILED);
    CHECK(outcome.user_text == R"(Option "holes" is 1, but must be one of "rle", "bridge" or "drop".)");
}

TEST_CASE("annotations_name names the entry") {
    const CocoRun run = convert({kGood}, R"({"annotations_name":"coco/instances.json"})");
    CHECK(run.outcome.entries.contains("coco/instances.json"));
}

TEST_CASE("progress is told every verbose_frequency assets, with the total of the event") {
    fake_host::Run what;
    what.records.assign(25, kGood);
    what.config = R"({"verbose_frequency":10})";
    what.event = R"({"numTasks":25})";
    const CocoRun run(what);
    CHECK(run.outcome.progress == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{10, 25}, {20, 25}});
    what.event = "{}";
    CHECK(CocoRun(what).outcome.progress == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{10, 0}, {20, 0}});
    what.config = R"({"verbose_frequency":10,"verbose":false})";
    CHECK(CocoRun(what).outcome.progress.empty());
}

TEST_CASE("a cancelled job stops soon and says so") {
    fake_host::Run what;
    what.records.assign(1000, kGood);
    what.cancel_after = 10;
    const fake_host::Outcome outcome = fake_host::run(what);
    CHECK(outcome.status == ANGO_CANCELLED);
}

TEST_CASE("members nobody knows are counted once each") {
    const CocoRun run =
        convert({R"({"externalId":"a.jpg","newThing":1,"task":{"tools":[{"point":[1,2],"odd":1}],"odd2":1}})",
                 R"({"externalId":"a.jpg","newThing":1,"task":{}})"});
    CHECK(run.note("unknown_members") == 3);
    CHECK(run.outcome.logged(ANGO_LOG_DEBUG, "newThing, odd, odd2"));
}

TEST_CASE("the books balance and the file is valid JSON over a generated mix of good and bad tools") {
    std::mt19937 random(20240501);
    const auto pick = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
    const auto coordinate = [&] { return std::to_string(pick(260) - 80) + "." + std::to_string(pick(100)); };
    const auto point = [&] { return "[" + coordinate() + "," + coordinate() + "]"; };
    const auto ring = [&] {
        std::string text = "[";
        for (int i = pick(9); i >= 0; --i) text += point() + (i ? "," : "");
        return text + "]";
    };
    fake_host::Run what;
    what.config = R"({"video":"frames","keypoints":"group"})";
    double tools = 0;
    for (int asset = 0; asset < 300; ++asset) {
        std::string list;
        for (int i = pick(8); i > 0; --i) {
            ++tools;
            const std::string more =
                R"("page":)" + std::to_string(pick(3)) + R"(,"interpolationStopped":)" + (pick(9) ? "false" : "true");
            switch (pick(8)) {
                case 0:
                    list += tool("bounding-box",
                                 R"({"x":)" + coordinate() + R"(,"y":)" + coordinate() + R"(,"width":)" + coordinate() +
                                     R"(,"height":)" + coordinate() + "}",
                                 more);
                    break;
                case 1: list += tool("polygon", ring(), more); break;
                case 2:
                    list += tool("segmentation",
                                 R"({"zones":[{"region":)" + ring() + R"(,"holes":[)" + ring() + R"(]},{"region":)" +
                                     ring() + "}]}",
                                 more);
                    break;
                case 3:
                    list += tool("rotated-bounding-box",
                                 R"({"x":1,"y":2,"width":)" + coordinate() + R"(,"height":3,"rotation":)" +
                                     coordinate() + "}",
                                 more);
                    break;
                case 4: list += tool("point", point(), more); break;
                case 5: list += tool("whatever", ring(), more); break;
                case 6: list += tool("segmentation", "null", more); break;
                default: list += "17"; break;
            }
            if (i > 1) list += ",";
        }
        const char *kinds[] = {
            R"("externalId":"a.jpg","metadata":{"width":100,"height":90})", R"("externalId":"a.jpg")",
            R"("externalId":"b","dataset":["p","q"],"metadata":{"width":100,"height":90})",
            R"("externalId":"v.mp4","metadata":{"width":100,"height":90})", R"("externalId":"c.pdf")"};
        what.records.push_back(std::string("{") + kinds[pick(5)] +
                               R"(,"task":{"taskId":"t","relations":[{"title":"G","group":["o1"]}],"tools":[)" + list +
                               "]}}");
    }
    const CocoRun run(what);
    REQUIRE(run.outcome.status == ANGO_OK);
    CHECK(run.coco.valid());
    CHECK(run.balanced());
    double in = 0;
    const ango::common::Json &books = *run.report.at("tools");
    for (auto one = books.MemberBegin(); one != books.MemberEnd(); ++one)
        in += ango::common::find(&one->value, "in")->GetDouble();
    CHECK(in == tools);
}

TEST_CASE("the books of each tool type are in the session log") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":1,"y":1,"width":2,"height":2})") + "," +
                                      tool("bounding-box", "{}") + "," + tool("polyline", "[[1,1],[2,2]]"));
    CHECK(run.outcome.logged(ANGO_LOG_INFO,
                             R"(Tools: "bounding-box" in 2 = emitted 1 + merged 0 + ended 0 + dropped 1; )"
                             R"("polyline" in 1 = emitted 0 + merged 0 + ended 0 + dropped 1.)"));
}
