// export-coco reads any NDJSON. It must end with ANGO_OK, with a COCO file and a report that parse, with consistent
// ids, and with a report that accounts for every tool. The first byte chooses the options.
#include "coco_run.hpp"
#include "png_file.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace std::string_literals;

namespace {

void require(bool good, const char *what) {
    if (good) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

std::string options_of(std::uint8_t bits) {
    const char *const holes[] = {"rle", "bridge", "drop", "rle"};
    const auto flag = [bits](unsigned bit, const char *yes, const char *no) {
        return std::string((bits >> bit) & 1u ? yes : no);
    };
    return std::string(R"({"max_pixels":1000000,"holes":")") + holes[bits & 3u] + R"(","clip":)" +
           flag(2, "false", "true") + R"(,"keypoints":")" + flag(3, "group", "none") + R"(","masks":")" +
           flag(3, "fetch", "none") + R"(","video":")" + flag(4, "frames", "skip") + R"(","v2_task":")" +
           flag(5, "all", "first") + R"(","attributes":)" + flag(6, "false", "true") +
           R"(,"interpolate_gap":50,"interpolate":")" + flag(6, "linear", "none") + R"(","class_key":")" +
           flag(7, "schemaId", "title") + R"(","keep_dirs":)" + flag(7, "true", "false") + "}";
}

void check_ids(const Parsed &coco) {
    const double images = static_cast<double>(coco.size("images"));
    const double categories = static_cast<double>(coco.size("categories"));
    double id = 0;
    for (const ango::common::Json &one : coco.at("annotations")->GetArray()) {
        require(ango::common::find(&one, "id")->GetDouble() == ++id, "annotation ids are consecutive");
        const double image = ango::common::find(&one, "image_id")->GetDouble();
        const double category = ango::common::find(&one, "category_id")->GetDouble();
        require(image >= 1 && image <= images, "the image of an annotation exists");
        require(category >= 1 && category <= categories, "the category of an annotation exists");
        const ango::common::Json &box = *ango::common::find(&one, "bbox");
        const double width = box[2].GetDouble(), height = box[3].GetDouble();
        require(ango::common::find(&one, "area")->GetDouble() > 0, "every area is more than 0");
        require(width > 0 && height > 0, "every box has an area");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    fake_host::Run what;
    what.config = options_of(data[0]);
    what.event = R"({"categorySchema":[{"title":"Road","tool":"brush","color":"#FF0000"}]})";
    what.files = {{"https://x/m", png_file::draw("r.\n.r\n", {{'r', "\xFF\0\0\xFF"s}, {'.', "\0\0\0\0"s}})}};
    what.records = fake_host::lines_of(std::string(reinterpret_cast<const char *>(data) + 1, size - 1));
    const CocoRun run(what);
    require(run.outcome.status == ANGO_OK, "a valid run ends well");
    require(run.coco.valid(), "annotations.json parses");
    require(run.report.valid(), "conversion_report.json parses");
    require(run.balanced(), "in = emitted + merged + ended + dropped");
    require(run.count("assets/in") == static_cast<double>(what.records.size()), "every record is counted");
    check_ids(run.coco);
    return 0;
}
