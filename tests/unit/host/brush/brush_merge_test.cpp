// A server on loopback plays Hub and its storage: it signs addresses, gives files, and takes files.
#include "host/brush/brush_merge.hpp"

#include "host/hub/answer_server.hpp"
#include "host/job/recorded_job.hpp"
#include "printing.hpp"

#include "base/percent.hpp"

#include <fmt/format.h>

#include <map>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;

namespace {

const std::string kHead = "NRRD0005\ntype: uint8\nencoding: raw\ndimension: 3\nsizes: 1 1 3\n\n";

struct Hub {
    std::map<std::string, std::string> files; ///< by the last part of the address
    std::vector<std::string> put;             ///< "path body"
    unsigned status_of_files = 200;

    AnswerServer server{[this](const auto &request) { return answer(request); }};
    RecordedJob run{R"({"projectId":"p1","apiKey":"k"})", server.url()};
    HubAccess access{run.job, {.attempts = 2, .base_delay = 1ms, .max_delay = 1ms}};
    std::vector<UploadedFile> uploads;
    BrushMerge merge{run.job, access, uploads};

    std::string url(std::string_view name) const { return fmt::format("{}/files/{}", server.url(), name); }
    AnswerServer::Reply answer(const AnswerServer::Request &request) {
        const std::string path = request.target.substr(0, request.target.find('?'));
        const std::string name = path.substr(path.rfind('/') + 1);
        if (path == "/v2/getUploadUrl") {
            const auto from = request.target.find("name=") + 5;
            const std::string as = request.target.substr(from, request.target.find('&') - from);
            return {fmt::format(R"({{"data":{{"uploadUrl":"{}?sig=1"}}}})", url(as))};
        }
        if (path == "/v2/getSignedUrl") {
            const auto from = request.target.find("name=") + 5;
            const std::string as =
                percent_decode_leniently(request.target.substr(from, request.target.find('&') - from));
            return {fmt::format(R"({{"data":{{"signedUrl":"{}?sig=2"}}}})", as)};
        }
        if (request.method == "PUT") {
            put.push_back(name + " " + request.body);
            return {};
        }
        const auto found = files.find(name);
        return found == files.end() ? AnswerServer::Reply{"no such file", 404}
                                    : AnswerServer::Reply{found->second, status_of_files};
    }
    std::vector<std::string> asked() const { return server.lines(); }
};

} // namespace

TEST_CASE("where only one brush exists it is taken, and nobody is asked") {
    Hub hub;
    CHECK(hub.merge.merge(BrushKind::image, "", "").value() == "");
    CHECK(hub.merge.merge(BrushKind::image, "new", "").value() == "new");
    CHECK(hub.merge.merge(BrushKind::volume, "", "old").value() == "old");
    CHECK(hub.merge.merge(BrushKind::volume, "same", "same").value() == "same");
    CHECK(hub.asked().empty());
}

TEST_CASE("the new brush is laid over the existing one, and stored under a name of its own") {
    Hub hub;
    hub.files["old.seg.nrrd"] = kHead + "abc";
    hub.uploads.push_back({hub.url("new.seg.nrrd"), kHead + std::string("x\0y", 3)});
    const auto both = hub.merge.merge(BrushKind::volume, hub.url("new.seg.nrrd"), hub.url("old.seg.nrrd"));
    REQUIRE(both);
    CHECK(both->find('?') == std::string::npos);
    CHECK(both->ends_with(".seg.nrrd"));
    CHECK(*both != hub.url("brush.seg.nrrd"));
    REQUIRE(hub.put.size() == 1);
    CHECK(hub.put[0] == both->substr(both->rfind('/') + 1) + " " + kHead + "xby");
    CHECK(hub.run.log.empty());
    const auto requests = hub.server.requests();
    CHECK(hub.asked() == std::vector<std::string>{"GET /v2/getSignedUrl", "GET /files/old.seg.nrrd",
                                                  "GET /v2/getUploadUrl",
                                                  "PUT /files/" + both->substr(both->rfind('/') + 1)});
    CHECK(requests[0].target.find("type=medicalBrushes") != std::string::npos);
    CHECK(requests[2].target.find("type=medicalBrushes") != std::string::npos);
}

TEST_CASE("a new brush that this run did not upload is downloaded as well") {
    Hub hub;
    hub.files["old.seg.nrrd"] = kHead + "abc";
    hub.files["new.seg.nrrd"] = kHead + std::string("\0z\0", 3);
    REQUIRE(hub.merge.merge(BrushKind::volume, hub.url("new.seg.nrrd"), hub.url("old.seg.nrrd")));
    REQUIRE(hub.put.size() == 1);
    CHECK(hub.put[0].ends_with(kHead + "azc"));
}

TEST_CASE("a brush that cannot be laid over replaces, and the user is told") {
    Hub hub;
    hub.files["old.png"] = "GIF89a";
    hub.uploads.push_back({"new", "GIF89a"});
    CHECK(hub.merge.merge(BrushKind::image, "new", hub.url("old.png")).value() == "new");
    CHECK(hub.merge.merge(BrushKind::image, "new", hub.url("gone.png")).value() == "new");
    REQUIRE(hub.run.log.size() == 2);
    CHECK(hub.run.log[0] == "The new brush traces replace the existing ones, because the new file is no PNG file.");
    CHECK(hub.run.log[1].starts_with("The new brush traces replace the existing ones, because "));
    CHECK(hub.put.empty());
}

TEST_CASE("a storage that fails for a while fails the run, so that a later attempt keeps the existing brush") {
    Hub hub;
    hub.files["old.png"] = hub.files["new.png"] = "x";
    hub.status_of_files = 503;
    const auto both = hub.merge.merge(BrushKind::image, hub.url("new.png"), hub.url("old.png"));
    REQUIRE(!both);
    CHECK(both.error().code == Code::network);
}
