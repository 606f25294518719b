// The name of the result. The integration tests cover whole exports.
#include "host/export/export_job.hpp"

#include <doctest/doctest.h>

using namespace angod::host;

namespace {
constexpr std::int64_t kTime = 1'714'640'411'123; // 2024-05-02T09:00:11.123Z

std::string name(const std::string &wanted) { return result_name(wanted, "p1", "export-coco", kTime); }
} // namespace

TEST_CASE("without a wish the name says project, module and time") {
    CHECK(name("") == "p1-export-coco-2024-05-02T09-00-11Z.zip");
    CHECK(result_name("", "../p\"1", "m", kTime) == "___p_1-m-2024-05-02T09-00-11Z.zip");
}

TEST_CASE("a wish is kept, as far as it is the name of a file") {
    CHECK(name("result.zip") == "result.zip");
    CHECK(name("a b.json") == "a b.json");
    CHECK(name("v1.seg.nrrd") == "v1.seg.nrrd");
    CHECK(name("my result ü") == "my result ü.zip");
    CHECK(name("../../etc/passwd") == "_.._.._etc_passwd.zip");
    CHECK(name("a\\b:c\n.zip") == "a_b_c_.zip");
    CHECK(name(".zip") == "_.zip");
    CHECK(name(".hidden") == "_.hidden");
    CHECK(name("x.not an extension") == "x.not an extension.zip");
}

TEST_CASE("a name is cut between characters") {
    std::string wish;
    for (int i = 0; i < 300; ++i) wish += "ü";
    const std::string cut = name("x" + wish);
    CHECK(cut.size() <= 204);
    CHECK(cut.ends_with("ü.zip"));
    const std::string json = name(wish + ".json");
    CHECK(json.size() <= 205);
    CHECK(json.ends_with("ü.json"));
}
