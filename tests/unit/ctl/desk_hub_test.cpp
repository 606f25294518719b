// The substitute for Hub, asked over its socket.
#include "ctl/desk_hub.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/percent.hpp"
#include "printing.hpp"
#include "rest/http_client.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <thread>

using namespace angod;
using namespace angod::ctl;

namespace {

class RunningDesk {
public:
    explicit RunningDesk(DeskOptions options) {
        auto started = DeskHub::start(context_.get_executor(), std::move(options));
        REQUIRE(started);
        desk_ = std::move(*started);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RunningDesk() {
        context_.stop();
        thread_.join();
        desk_->stop();
    }

    std::string url() const { return desk_->url(); }
    rest::Response ask(const std::string &url, const std::string &method = "GET", const std::string &body = "") {
        rest::Request request;
        request.method = method;
        request.url = url;
        request.body = body;
        auto response = client_.send(request, cancel_);
        REQUIRE(response);
        return std::move(*response);
    }
    /// A text in the data of the answer.
    std::string told(const std::string &path, const char *name) {
        const auto response = ask(url() + path);
        const auto answer = json::parse(response.body);
        REQUIRE(answer);
        const json::Value *data = json::find(*answer, "data");
        return data ? json::text_or(*data, name, "") : response.body;
    }

private:
    asio::io_context context_;
    std::unique_ptr<DeskHub> desk_;
    std::thread thread_;
    rest::HttpClient client_{{}};
    CancelToken cancel_;
};

} // namespace

TEST_CASE("only who knows its address is answered") {
    RunningDesk desk({});
    const std::string open = desk.url().substr(0, desk.url().rfind('/'));
    CHECK(desk.ask(desk.url() + "/v2/storages").status == 200);
    for (const std::string &url : {open + "/v2/storages", open + "/", desk.url(), desk.url() + "x/v2/storages"})
        CHECK(desk.ask(url).status == 404);
}

TEST_CASE("a result lands in the folder, whatever it is called") {
    const TemporaryFolder folder;
    DeskOptions options;
    options.out = folder.path() / "in" / "out";
    RunningDesk desk(options);
    for (const auto &[name, kept] : {std::pair("a b.zip", "a b.zip"), std::pair("../../up.zip", "up.zip"),
                                     std::pair("..", "_.."), std::pair("x/", "_")}) {
        const std::string upload = desk.told("/v2/getUploadUrl?type=exports&name=" + percent_encode(name), "uploadUrl");
        const std::string signed_of = "/v2/getSignedUrl?type=exports&name=" + percent_encode(upload);
        CHECK(desk.told(signed_of, "signedUrl").find("no such file") != std::string::npos);
        CHECK(desk.ask(upload, "PUT", name).status == 200);
        CHECK(desk.told(signed_of, "signedUrl") == (options.out / kept).string());
        CHECK(files::read(options.out / kept, 100).value() == name);
    }
    CHECK(desk.ask(desk.url() + "/files/%2e%2e%2f%2e%2e%2fup", "PUT", "x").status == 200);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "up"));
}

TEST_CASE("without a file there is no export") {
    RunningDesk desk({});
    CHECK(desk.ask(desk.url() + "/v2/export?project=p").status == 404);
    asio::io_context context;
    DeskOptions options;
    options.export_file = "/nowhere/export.ndjson";
    CHECK_FALSE(DeskHub::start(context.get_executor(), options));
}

TEST_CASE("the assets of the project are those of the file, zipped or not") {
    const TemporaryFolder folder;
    DeskOptions options;
    options.export_file = folder.path() / "export";
    options.lists_assets = true;
    std::ofstream(options.export_file) << "{\"assetId\":\"a\"}\n";
    std::string zip;
    {
        RunningDesk desk(options);
        CHECK(desk.ask(desk.url() + "/v2/project/p/assets?page=1&limit=5").body.find(R"("_id":"a")") !=
              std::string::npos);
        zip = desk.ask(desk.told("/v2/export?project=p", "exportPath")).body;
    }
    std::ofstream(options.export_file, std::ios::binary) << zip;
    RunningDesk desk(options);
    CHECK(desk.ask(desk.url() + "/v2/project/p/assets?page=1&limit=5").body.find(R"("_id":"a")") != std::string::npos);
    CHECK(desk.ask(desk.told("/v2/export?project=p", "exportPath")).body == zip);
}
