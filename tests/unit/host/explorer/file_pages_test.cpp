#include "host/explorer/file_pages.hpp"

#include "host/explorer/own_explorer.hpp"
#include "host/job/recorded_job.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace angod;
using namespace angod::host;

namespace {

struct Pages {
    RecordedJob run{"{}"};
    ango_job handle{run.job};
    ExplorerEvent event{.bucket = "b", .folder = "in/", .token = "", .storage = "", .files = {}, .batches = {}};
    Storage storage;
    Pages() {
        storage.provider = "AWS";
        storage.json = R"({"provider":"AWS"})";
    }

    std::variant<Listing, Failure> list(const OwnExplorer &explorer, const std::string &token = "t0",
                                        std::uint32_t limit = 2) {
        return FilePages(handle, explorer.table, nullptr, event, &storage).list("in/", token, limit);
    }
    std::string address(const OwnExplorer &explorer, const Listing::File &file, bool with_storage = true) {
        FilePages pages(handle, explorer.table, nullptr, event, with_storage ? &storage : nullptr);
        const auto found = pages.address(file);
        const auto *failed = std::get_if<Failure>(&found);
        return failed ? "failed: " + failed->user_text : std::get<std::string>(found);
    }
};

Failure failure(const std::variant<Listing, Failure> &result) {
    REQUIRE(std::holds_alternative<Failure>(result));
    return std::get<Failure>(result);
}

OwnExplorer explorer_that_returns(std::int32_t status) {
    return OwnExplorer([status](ango_job &, const ango_folder &, ango_listing &) { return status; });
}

} // namespace

TEST_CASE("the module is asked for a page of a folder, and gets the description of the storage") {
    Pages pages;
    std::string told;
    const auto listed = pages.list(OwnExplorer([&](ango_job &, const ango_folder &folder, ango_listing &page) {
        for (const ango_str &text : {folder.bucket, folder.folder, folder.token, folder.storage})
            told += std::string(OwnExplorer::view(text)) + "|";
        CHECK(folder.struct_size == sizeof folder);
        CHECK(folder.limit == 2);
        CHECK(page.listing.limit == 2);
        page.listing.files.push_back({"k", ""});
        page.listing.next = "t1";
        return ANGO_OK;
    }));
    CHECK(told == R"(b|in/|t0|{"provider":"AWS"}|)");
    REQUIRE(std::holds_alternative<Listing>(listed));
    CHECK(std::get<Listing>(listed).files[0].key == "k");
    CHECK(std::get<Listing>(listed).next == "t1");
}

TEST_CASE("a list that is too long, or has no end, is the module's fault") {
    Pages pages;
    Failure failed = failure(pages.list(OwnExplorer([](ango_job &, const ango_folder &, ango_listing &page) {
        page.listing.overflow = true;
        return ANGO_LIMIT;
    })));
    CHECK(failed.user_text == "The plugin lists more entries than fit on a page. Tell its operator.");
    CHECK(failed.operator_text == "list gave more than the 2 requested entries");
    const OwnExplorer circle([](ango_job &, const ango_folder &folder, ango_listing &page) {
        page.listing.next = std::string(OwnExplorer::view(folder.token));
        return ANGO_OK;
    });
    CHECK(failure(pages.list(circle)).operator_text == "list named the requested page as the next page");
    CHECK(failure(pages.list(circle, "")).user_text ==
          "The plugin's list of this folder has no end. Tell its operator.");
}

TEST_CASE("a list that fails, throws or is cancelled has no page") {
    Pages pages;
    CHECK(failure(pages.list(explorer_that_returns(ANGO_IO))).operator_text == "the module returned status -5");
    const OwnExplorer thrower(
        [](ango_job &, const ango_folder &, ango_listing &) -> std::int32_t { throw std::runtime_error("boom"); });
    CHECK(failure(pages.list(thrower)).operator_text == "the module's list threw an exception: boom");
    const OwnExplorer late([&](ango_job &, const ango_folder &, ango_listing &) {
        pages.run.job.cancel.cancel();
        return ANGO_OK;
    });
    CHECK(failure(pages.list(late)).user_text == "cancelled");
}

TEST_CASE("the address of a file is that of the list, of locate, or the usual one of the storage") {
    Pages pages;
    OwnExplorer explorer = explorer_that_returns(ANGO_OK);
    CHECK(pages.address(explorer, {"a b", "https://listed"}) == "https://listed");
    CHECK(pages.address(explorer, {"a b", ""}) == "https://b.s3.amazonaws.com/a%20b");
    explorer.with_locate([](ango_job &, std::string_view key, ango_listing &file) {
        if (key != "none") file.listing.files.push_back({"", "https://located/" + std::string(key)});
        return ANGO_OK;
    });
    CHECK(pages.address(explorer, {"k", ""}) == "https://located/k");
    CHECK(pages.address(explorer, {"k", "https://listed"}) == "https://listed");
    CHECK(pages.address(explorer, {"none", ""}) == "https://b.s3.amazonaws.com/none");
    CHECK(pages.address(explorer, {"k", ""}, false) == "https://located/k");
}

TEST_CASE("an address that cannot be known is a failure") {
    Pages pages;
    OwnExplorer explorer = explorer_that_returns(ANGO_OK);
    CHECK(pages.address(explorer, {"k", ""}, false) ==
          "failed: The plugin does not give the address of the file \"k\", and the event from Hub names no storage. "
          "Choose a storage and run the plugin again.");
    pages.storage.provider = "FTP";
    CHECK(pages.address(explorer, {"k", ""}).starts_with("failed: "));
    explorer.with_locate([](ango_job &job, std::string_view, ango_listing &) {
        job.failure = {"There is no such file.", "", -1};
        return ANGO_FAILED;
    });
    CHECK(pages.address(explorer, {"k", ""}) == "failed: There is no such file.");
    explorer.with_locate([&](ango_job &, std::string_view, ango_listing &file) {
        pages.run.job.cancel.cancel();
        file.listing.files.push_back({"", "https://late"});
        return ANGO_OK;
    });
    CHECK(pages.address(explorer, {"k", ""}) == "failed: cancelled");
}

TEST_CASE("a callback that the module leaves behind is not called after its call") {
    Pages pages;
    int called = 0;
    OwnExplorer explorer([&](ango_job &job, const ango_folder &, ango_listing &) {
        job.job.cancel.on_cancel([&] { ++called; });
        return ANGO_OK;
    });
    explorer.with_locate([&](ango_job &job, std::string_view, ango_listing &) {
        job.job.cancel.on_cancel([&] { ++called; });
        return ANGO_OK;
    });
    pages.list(explorer);
    pages.address(explorer, {"k", ""});
    pages.run.job.cancel.cancel();
    CHECK(called == 0);
}
