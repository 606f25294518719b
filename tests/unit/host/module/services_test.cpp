// The services as a module calls them, without a module.
#include "host/module/services.hpp"

#include "host/module/call_module.hpp"
#include "host/module/create_failure.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_failure.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace angod;
using namespace angod::host;

namespace {

ango_str str(std::string_view text) { return {text.data(), text.size()}; }

template <class Table> const Table &service(std::string_view name) {
    const void *table = find_service(name, 1);
    REQUIRE(table != nullptr);
    return *static_cast<const Table *>(table);
}

ango_failure failure_with(std::string_view user, std::string_view for_operator) {
    ango_failure out{};
    out.struct_size = sizeof out;
    out.user_text = str(user);
    out.operator_text = str(for_operator);
    out.retry_after_ms = -1;
    return out;
}

} // namespace

TEST_CASE("every service is found by name and revision, and nothing else is") {
    for (const char *name : {"ango.job", "ango.log", "ango.cancel", "ango.reader", "ango.writer", "ango.scratch",
                             "ango.http", "ango.hub", "ango.listing", "ango.result", "ango.failure"}) {
        CAPTURE(name);
        CHECK(find_service(name, 1) != nullptr);
        CHECK(find_service(name, 2) == nullptr);
        CHECK(last_revision(name) == 1);
        const ango_str text = str(name);
        CHECK(host_table().service(&host_table(), &text, 1) == find_service(name, 1));
    }
    CHECK(find_service("ango.other", 1) == nullptr);
    CHECK(last_revision("ango.other") == 0);
}

TEST_CASE("a module whose checkpoint belongs to the host has none") {
    Job job;
    job.checkpoint = "the host's";
    ango_job handle(job);
    const auto &table = service<ango_job_v1>("ango.job");
    ango_str out{};
    CHECK(table.checkpoint(&handle, &out) == ANGO_OK);
    handle.checkpoint_is_hosts = true;
    CHECK(table.checkpoint(&handle, &out) == ANGO_ABSENT);
    const ango_str bytes = str("x");
    CHECK(table.save_checkpoint(&handle, &bytes) == ANGO_UNSUPPORTED);
}

TEST_CASE("an exception inside of a service becomes a status") {
    Job job;
    job.save_checkpoint = [](std::string_view) -> Result<void> { throw std::bad_alloc(); };
    ango_job handle(job);
    const ango_str bytes = str("x");
    CHECK(service<ango_job_v1>("ango.job").save_checkpoint(&handle, &bytes) == ANGO_IO);
}

TEST_CASE("a result must be JSON") {
    Job job;
    ango_job handle(job);
    const ango_str good = str("[1]"), bad = str("[1");
    const auto &table = service<ango_result_v1>("ango.result");
    CHECK(table.value(&handle, &bad) == ANGO_INVALID);
    CHECK_FALSE(handle.value);
    CHECK(table.value(&handle, &good) == ANGO_OK);
    CHECK(handle.value == "[1]");
}

TEST_CASE("a page has room for as many entries as were asked for") {
    Listing listing;
    listing.limit = 2;
    ango_listing page{listing};
    const ango_str key = str("a"), url = str("");
    const auto &table = service<ango_listing_v1>("ango.listing");
    CHECK(table.folder(&page, &key) == ANGO_OK);
    CHECK(table.file(&page, &key, &url) == ANGO_OK);
    CHECK_FALSE(listing.overflow);
    CHECK(table.file(&page, &key, &url) == ANGO_LIMIT);
    CHECK(listing.overflow);
}

TEST_CASE("a failure without a job is kept while create runs, and only then") {
    const auto &table = service<ango_failure_v1>("ango.failure");
    const ango_failure why = failure_with("The key is missing.", "no \"key\"");
    table.fail(nullptr, &why);
    {
        const CreateFailure failure;
        CHECK(failure.text().empty());
        table.fail(nullptr, &why);
        CHECK(failure.text() == "The key is missing. (no \"key\")");
    }
    CHECK(CreateFailure::current() == nullptr);
}

TEST_CASE("the failure of a run is the module's reason, or its status for the operator") {
    Job job;
    ango_job handle(job);
    CHECK(module_failure(ANGO_FAILED, handle).user_text.empty());
    CHECK(module_failure(ANGO_IO, handle).operator_text == "the module returned status " + std::to_string(ANGO_IO));
    CHECK(module_failure(ANGO_PENDING, handle).user_text == "The plugin failed.");
    const ango_failure why = failure_with("No image has labels.", "");
    service<ango_failure_v1>("ango.failure").fail(&handle, &why);
    CHECK(module_failure(ANGO_FAILED, handle).user_text == "No image has labels.");
}

TEST_CASE("an exception that leaves a function of a module fails the job") {
    Job job;
    ango_job handle(job);
    CHECK(call_module(handle, "answer", []() -> std::int32_t { throw std::runtime_error("boom"); }) == ANGO_FAILED);
    CHECK(handle.failure.operator_text == "the module's answer threw an exception: boom");
    CHECK(call_module(handle, "answer", []() -> std::int32_t { throw 1; }) == ANGO_FAILED);
    CHECK(handle.failure.operator_text == "the module's answer threw something that is no std::exception");
    const auto created = call_module("create", []() -> std::int32_t { throw std::runtime_error("boom"); });
    REQUIRE_FALSE(created);
    CHECK(created.error().text == "the module's create threw an exception: boom");
}
