// Uploads to a storage that refuses, fails or loses answers. One server plays Hub and the storage: Hub gives an address
// with a number, which the next address increases.
//
// Each test chooses the replies of the storage, and then compares what was put where.
#include "host/hub/hub_upload.hpp"

#include "host/hub/answer_server.hpp"
#include "host/job/recorded_job.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include "rest/http_client.hpp"

#include <fmt/format.h>

#include <deque>
#include <fstream>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

struct Storage {
    std::deque<AnswerServer::Reply> replies; ///< to the next PUTs; after them every PUT succeeds
    int addresses = 0;
    Lines retries;

    AnswerServer server{[this](const auto &request) { return answer(request); }};
    rest::HttpClient client{{"", "", {}}};
    CancelToken cancel;
    rest::HubApi hub{
        client,
        {server.url(),
         "the-key",
         {.attempts = 3, .base_delay = 1ms, .max_delay = 1ms},
         [this](std::string_view what, std::chrono::milliseconds, unsigned) { retries.emplace_back(what); }},
        cancel};

    AnswerServer::Reply answer(const AnswerServer::Request &request) {
        if (request.method == "GET")
            return {fmt::format(R"({{"data":{{"uploadUrl":"{}/put/{}?sig=s3cr3t"}}}})", server.url(), ++addresses)};
        if (replies.empty()) return {};
        const auto reply = replies.front();
        replies.pop_front();
        return reply;
    }
    Result<std::string> put(const Content &content) {
        return upload(client, hub, {"a.zip", "p1", "st"}, content, cancel);
    }
    Result<std::string> put() { return put({.what = "the result", .bytes = "bytes"}); }
    Lines puts() const {
        Lines out;
        for (const auto &each : server.requests())
            if (each.method == "PUT") out.push_back(each.target.substr(0, each.target.find('?')) + " " + each.body);
        return out;
    }
};

} // namespace

TEST_CASE("bytes and files are put at the address that Hub names") {
    Storage storage;
    CHECK(storage.put().value() == storage.server.url() + "/put/1?sig=s3cr3t");
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "a") << "of a file";
    REQUIRE(storage.put({.what = "the result", .file = folder.path() / "a", .file_size = 9}));
    CHECK(storage.puts() == Lines{"/put/1 bytes", "/put/2 of a file"});
    const auto requests = storage.server.requests();
    CHECK(requests[0].target == "/v2/getUploadUrl?name=a.zip&project=p1&type=exports&storageId=st");
    CHECK(requests[0].headers.contains("apikey"));
    CHECK_FALSE(requests[1].headers.contains("apikey"));
    CHECK(storage.retries.empty());
}

TEST_CASE("a failure that may pass is repeated at the same address") {
    for (const auto &reply : {AnswerServer::Reply{"", 503}, AnswerServer::lost()}) {
        Storage storage;
        storage.replies = {reply, reply};
        REQUIRE(storage.put());
        CHECK(storage.puts() == Lines{"/put/1 bytes", "/put/1 bytes", "/put/1 bytes"});
        // libcurl repeats a request by itself if an open connection turns out to be closed.
        CHECK(storage.retries.size() == (reply.lost ? 1 : 2));
    }
}

TEST_CASE("a storage that never answers ends the upload after the last attempt") {
    Storage storage;
    storage.replies.assign(9, {"", 503});
    const auto put = storage.put();
    REQUIRE(!put);
    CHECK(put.error().code == Code::network);
    CHECK(put.error().text.starts_with("the storage refused the upload of the result: "));
    CHECK(storage.puts().size() == 3);
    CHECK(storage.addresses == 1);
}

TEST_CASE("an address that the storage refuses may have expired, so Hub is asked for another") {
    for (const unsigned status : {400u, 403u}) {
        Storage storage;
        storage.replies = {{"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", status}};
        CHECK(storage.put().value() == storage.server.url() + "/put/2?sig=s3cr3t");
        CHECK(storage.puts() == Lines{"/put/1 bytes", "/put/2 bytes"});
        REQUIRE(storage.retries.size() == 1);
        CHECK(storage.retries[0].starts_with("the storage refused the upload of the result: AccessDenied: Request has "
                                             "expired (HTTP "));
        CHECK(storage.retries[0].ends_with(" Asking Hub for a new address."));
    }
}

TEST_CASE("three refused addresses are enough, and no secret is in the sentence") {
    Storage storage;
    storage.replies.assign(9, {"sig=s3cr3t of the-key", 403, {{"Content-Type", "text/plain"}}});
    const auto put = storage.put();
    REQUIRE(!put);
    CHECK(storage.puts() == Lines{"/put/1 bytes", "/put/2 bytes", "/put/3 bytes"});
    CHECK(put.error().text.find("s3cr3t") == std::string::npos);
    CHECK(put.error().text.find("the-key") == std::string::npos);
}

TEST_CASE("another refusal is final") {
    Storage storage;
    storage.replies = {{"", 404}};
    REQUIRE(!storage.put());
    CHECK(storage.puts().size() == 1);
    CHECK(storage.addresses == 1);
}

TEST_CASE("a cancel ends the upload between two attempts") {
    Storage storage;
    storage.replies = {{"", 503, {{"Retry-After", "100"}}}};
    rest::HubApi hub(storage.client, {storage.server.url(), "k", {}, [&](auto...) { storage.cancel.cancel(); }},
                     storage.cancel);
    const auto put = upload(storage.client, hub, {"a.zip", "p1"}, {.what = "x", .bytes = "b"}, storage.cancel);
    REQUIRE(!put);
    CHECK(put.error().code == Code::cancelled);
    CHECK(storage.puts().size() == 1);
}

TEST_CASE("an extension is kept, both of two that belong together, and nothing that is none") {
    for (const auto &each : std::vector<std::pair<std::string_view, std::string_view>>{{"brush.png", ".png"},
                                                                                       {"a.b.JPEG", ".JPEG"},
                                                                                       {"v.seg.nrrd", ".seg.nrrd"},
                                                                                       {"v.nii.gz", ".nii.gz"},
                                                                                       {"seg.nrrd", ".nrrd"},
                                                                                       {".png", ""},
                                                                                       {"plain", ""},
                                                                                       {"ends.", ""},
                                                                                       {"a.not an extension", ""},
                                                                                       {"a.seg.", ""},
                                                                                       {"a./../x", ""},
                                                                                       {"", ""}}) {
        CAPTURE(each.first);
        CHECK(extension_of(each.first) == each.second);
    }
}

TEST_CASE("files for labels get a name of their own and an address without a signature") {
    Storage storage;
    RecordedJob run(R"({"projectId":"p1","apiKey":"k"})", storage.server.url());
    HubAccess access(run.job);
    for (int i = 1; i <= 2; ++i)
        CHECK(upload_file(access, run.job, "brushes", "brush.png", "pixels").value() ==
              fmt::format("{}/put/{}", storage.server.url(), i));
    std::vector<std::string> asked;
    for (const auto &each : storage.server.requests())
        if (each.method == "GET") asked.push_back(each.target);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0] != asked[1]);
    for (const std::string &target : asked) {
        CHECK(target.starts_with("/v2/getUploadUrl?name="));
        CHECK(target.ends_with(".png&project=p1&type=brushes"));
        CHECK(target.find("brush.png") == std::string::npos);
    }
    CHECK(storage.puts() == Lines{"/put/1 pixels", "/put/2 pixels"});
}

TEST_CASE("an upload that misses a header that the storage names is repeated with it") {
    Storage storage;
    storage.replies = {
        {"<Error><Code>MissingRequiredHeader</Code><HeaderName>x-ms-blob-type</HeaderName></Error>", 400}};
    CHECK(storage.put());
    CHECK(storage.addresses == 1);
    const auto requests = storage.server.requests();
    REQUIRE(storage.puts().size() == 2);
    CHECK_FALSE(requests[1].headers.contains("x-ms-blob-type"));
    REQUIRE(requests[2].headers.contains("x-ms-blob-type"));
    CHECK(requests[2].headers.at("x-ms-blob-type") == "BlockBlob");
}

TEST_CASE("a storage that misses a header for ever is not asked for ever") {
    Storage storage;
    const AnswerServer::Reply missing{
        "<Error><Code>MissingRequiredHeader</Code><HeaderName>x-ms-blob-type</HeaderName></Error>", 400};
    storage.replies.assign(20, missing);
    CHECK_FALSE(storage.put());
    CHECK(storage.puts().size() == 6); // twice at each of three addresses
}
