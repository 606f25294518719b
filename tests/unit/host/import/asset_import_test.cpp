// Imports that are interrupted at every point, with Hubs of every kind.
//
// A ProjectServer plays Hub and loses answers as a test says. A Run is one run of a plugin: it may be killed before any
// save of its checkpoint, and then begins a new attempt from that checkpoint. In the end each asset must be in the
// project exactly once.
#include "host/import/asset_import.hpp"

#include "host/import/project_server.hpp"

#include "printing.hpp"
#include "rest/http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;
using Fate = ProjectServer::Fate;

namespace {

NewAsset asset(int number) {
    NewAsset out;
    out.external_id = fmt::format("row {}.md", number);
    out.data = fmt::format("<h1>Row {}</h1> |ü?", number);
    return out;
}

std::vector<NewAsset> assets(int count) {
    std::vector<NewAsset> out;
    for (int i = 0; i < count; ++i) out.push_back(asset(i));
    return out;
}

std::map<std::string, int> each_once(const std::vector<NewAsset> &all) {
    std::map<std::string, int> out;
    for (const NewAsset &one : all) ++out[one.external_id + ' ' + one.data];
    return out;
}

/// One run of a plugin that imports, with any number of attempts.
struct Run {
    ProjectServer &server;
    std::size_t chunk = 10;
    std::optional<std::string> checkpoint;
    int saves_left = -1; ///< saves before the attempt dies; −1: it never dies
    int attempts = 0;
    std::vector<std::string> log;
    std::vector<std::uint64_t> progress;

    Result<void> attempt(const std::vector<NewAsset> &all) {
        ++attempts;
        Job job;
        job.event = R"({"projectId":"p1","apiKey":"k"})";
        job.members = *json::members(job.event);
        job.checkpoint = checkpoint;
        job.log = [this](LogLevel, std::string_view text) { log.emplace_back(text); };
        job.progress = [this](std::uint64_t done, std::uint64_t) { progress.push_back(done); };
        job.save_checkpoint = [this](std::string_view text) -> Result<void> {
            if (saves_left == 0) return error(Code::io, "killed");
            --saves_left;
            CHECK(text.size() <= 65'536);
            REQUIRE(json::check(text));
            checkpoint = text;
            return {};
        };
        rest::HttpClient client({"", "", {}});
        rest::HubApi hub(
            client,
            {server.url(),
             "k",
             {.attempts = 4, .base_delay = 1ms, .max_delay = 5ms},
             [this](std::string_view what, std::chrono::milliseconds, unsigned) { log.emplace_back(what); }},
            job.cancel);
        AssetImport import(job, hub, {.chunk = chunk, .position = {}, .patience = {10ms, 20ms, 40ms}});
        for (std::size_t i = import.done(); i < all.size(); ++i)
            if (const auto added = import.add(all[i]); !added) return added;
        return import.finish();
    }
};

} // namespace

TEST_CASE("an import sends chunk by chunk and says how far it is") {
    ProjectServer server;
    Run run{server};
    const auto all = assets(25);
    REQUIRE(run.attempt(all));
    CHECK(server.count() == each_once(all));
    CHECK(server.posts() == std::vector<std::size_t>{10, 10, 5});
    CHECK(run.progress == std::vector<std::uint64_t>{10, 20, 25});
    CHECK(run.checkpoint == R"({"done":25})");
}

TEST_CASE("whatever becomes of an answer, each asset is created once") {
    const auto all = assets(25);
    for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::failed_before, Fate::failed_after, Fate::half,
                            Fate::late, Fate::part})
        for (int at = 0; at < 3; ++at) {
            CAPTURE(static_cast<int>(fate));
            CAPTURE(at);
            ProjectServer server;
            for (int i = 0; i < at; ++i) server.fate(Fate::answered);
            server.fate(fate);
            Run run{server};
            REQUIRE(run.attempt(all));
            CHECK(server.count() == each_once(all));
            CHECK(run.log.size() == 1);
        }
}

TEST_CASE("a second lost answer is no different from the first") {
    ProjectServer server;
    for (const Fate fate : {Fate::half, Fate::half, Fate::lost_before, Fate::answered, Fate::lost_after})
        server.fate(fate);
    Run run{server};
    const auto all = assets(25);
    REQUIRE(run.attempt(all));
    CHECK(server.count() == each_once(all));
    CHECK(server.posts() == std::vector<std::size_t>{10, 5, 3, 3, 10, 5});
}

TEST_CASE("a kill at any point creates nothing twice and loses nothing") {
    const auto all = assets(25);
    for (const Fate fate : {Fate::answered, Fate::lost_before, Fate::half})
        for (int saves = 0;; ++saves) {
            CAPTURE(saves);
            ProjectServer server;
            server.fate(Fate::answered);
            server.fate(fate);
            Run run{server, 10, {}, saves};
            const bool whole = run.attempt(all).has_value();
            run.saves_left = -1;
            REQUIRE(run.attempt(all));
            CHECK(server.count() == each_once(all));
            if (whole) break;
        }
}

TEST_CASE("many kills in a row do no harm either") {
    const auto all = assets(60);
    ProjectServer server;
    for (int i = 0; i < 30; ++i)
        server.fate(i % 3 == 0 ? Fate::half : i % 3 == 1 ? Fate::lost_after : Fate::lost_before);
    Run run{server, 10, {}, 1};
    while (!run.attempt(all)) {
        run.saves_left = 1 + run.attempts % 2;
        REQUIRE(run.attempts < 200);
    }
    CHECK(server.count() == each_once(all));
}

TEST_CASE("equal assets are created as often as they occur, within a chunk and beyond") {
    std::vector<NewAsset> all;
    for (int i = 0; i < 30; ++i) all.push_back(asset(i % 4));
    for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::half, Fate::late})
        for (int at = 0; at < 3; ++at) {
            CAPTURE(static_cast<int>(fate));
            CAPTURE(at);
            ProjectServer server;
            for (int i = 0; i < at; ++i) server.fate(Fate::answered);
            server.fate(fate);
            Run run{server};
            REQUIRE(run.attempt(all));
            CHECK(server.count() == each_once(all));
            Run killed{server, 10, {}, 2 * at + 1};
            CHECK_FALSE(killed.attempt(all));
            killed.saves_left = -1;
            REQUIRE(killed.attempt(all));
            CHECK(server.count() == each_once([&] {
                      auto twice = all;
                      twice.insert(twice.end(), all.begin(), all.end());
                      return twice;
                  }()));
        }
}

TEST_CASE("equal assets of an earlier run are not taken for ours") {
    for (const auto ago : {std::chrono::milliseconds(600'000), 6'000ms, 1'000ms, 0ms})
        for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::half}) {
            CAPTURE(ago.count());
            CAPTURE(static_cast<int>(fate));
            ProjectServer server;
            const auto all = assets(10);
            for (const NewAsset &one : all) server.has(one.external_id, one.data, ago);
            server.fate(fate);
            Run run{server, 10, {}, 1}; // dies after the answer
            CHECK_FALSE(run.attempt(all));
            run.saves_left = -1;
            REQUIRE(run.attempt(all));
            for (const auto &each : server.count()) CHECK_MESSAGE(each.second == 2, each.first);
        }
}

TEST_CASE("a Hub without times, in another order, or without its own clock is asked by name") {
    const auto all = assets(150);
    for (int kind = 0; kind < 3; ++kind)
        for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::half}) {
            CAPTURE(kind);
            ProjectServer server;
            server.says_created_at = kind != 0;
            server.newest_first = kind != 1;
            server.says_date = kind != 2;
            for (int i = 0; i < 120; ++i)
                server.has(fmt::format("row {}.md", i), "something else", std::chrono::seconds(1000 - i));
            server.has(all[3].external_id, all[3].data, 1s);
            server.fate(Fate::answered);
            server.fate(fate);
            Run run{server, 70, {}, 3};
            CHECK_FALSE(run.attempt(all));
            run.saves_left = -1;
            REQUIRE(run.attempt(all));
            for (const auto &each : server.count())
                CHECK_MESSAGE(each.second == (each.first == all[3].external_id + ' ' + all[3].data ? 2 : 1),
                              each.first);
        }
}

TEST_CASE("where nobody can find out, the import stops and says so") {
    ProjectServer server;
    server.says_created_at = server.knows_filters = false;
    server.has("another", "x", 1s);
    server.fate(Fate::answered);
    server.fate(Fate::lost_after);
    Run run{server};
    const auto all = assets(25);
    const auto end = run.attempt(all);
    REQUIRE_FALSE(end);
    CHECK(end.error().text ==
          "Hub may have created assets 11 to 20 of this import (the first is \"row 10.md\"), but this Hub gives no way "
          "to find out. Look into the project and import the missing assets.");
    CHECK(server.posts().size() == 2);
}

TEST_CASE("Hub's clock may differ from ours") {
    const auto all = assets(25);
    for (const std::int64_t offset : {-86'400'000, 86'400'000}) {
        ProjectServer server;
        server.clock_offset = offset;
        server.fate(Fate::lost_after);
        server.fate(Fate::lost_before);
        Run run{server, 10, {}, 3};
        CHECK_FALSE(run.attempt(all));
        run.saves_left = -1;
        REQUIRE(run.attempt(all));
        CHECK(server.count() == each_once(all));
    }
}

TEST_CASE("an asset is known by its address also where Hub signs it") {
    ProjectServer server;
    server.signs_urls = true;
    server.fate(Fate::lost_after);
    Run run{server};
    NewAsset file;
    file.external_id = "a b.jpg";
    file.data = "https://files.test/a%20b.jpg";
    REQUIRE(run.attempt({file}));
    CHECK(server.posts().size() == 1);
}

TEST_CASE("a refusal ends the import, and names what was refused") {
    ProjectServer server;
    server.fate(Fate::answered);
    server.fate(Fate::refused);
    Run run{server};
    const auto end = run.attempt(assets(25));
    REQUIRE_FALSE(end);
    CHECK(end.error().text.starts_with("Hub refused the import of assets 11 to 20: no such batch (HTTP 400"));
    CHECK(server.posts().size() == 2);
}

TEST_CASE("assets that Hub does not create, although it answers with success, end the import after three tries") {
    ProjectServer server;
    server.never = "row 12.md";
    Run run{server};
    const auto end = run.attempt(assets(25));
    REQUIRE_FALSE(end);
    CHECK(end.error().code == Code::remote);
    CHECK(end.error().text == "Hub created only 0 of 1 asset (assets 11 to 20). Look into the project for the assets "
                              "that are missing, correct "
                              "them, and run the plugin again.");
    CHECK(server.posts() == std::vector<std::size_t>{10, 10, 1, 1});
    CHECK(run.log[0] == "Hub created only 9 of 10 assets (assets 11 to 20).");
    CHECK(server.count().size() == 19);
    server.never.clear(); // the next attempt creates what is missing
    REQUIRE(run.attempt(assets(25)));
    CHECK(server.count() == each_once(assets(25)));
}

TEST_CASE("a Hub with short pages, without totals or without pages is searched to its end") {
    for (const bool total : {false, true})
        for (const bool times : {false, true})
            for (const Fate fate : {Fate::lost_after, Fate::half}) {
                CAPTURE(total);
                CAPTURE(times);
                ProjectServer server;
                server.page_limit = 7;
                server.says_total = total;
                server.says_created_at = times;
                server.fate(fate);
                Run run{server, 25};
                REQUIRE(run.attempt(assets(25)));
                CHECK(server.count() == each_once(assets(25)));
            }
}

TEST_CASE("a deletion while the list is read hides no asset") {
    // Pages of 7: one page is read before the chunk is sent. Of the pages after it, the deletion comes between two.
    for (int at = 1; at < 6; ++at) {
        CAPTURE(at);
        ProjectServer server;
        server.page_limit = 7;
        server.fate(Fate::lost_after);
        server.delete_at_get = at;
        Run run{server, 25};
        REQUIRE(run.attempt(assets(25)));
        for (const auto &each : server.count()) CHECK_MESSAGE(each.second == 1, each.first);
    }
}

TEST_CASE("labels follow their assets, and are there after a kill at any point") {
    auto all = assets(25);
    for (int i = 0; i < 25; i += 2) all[static_cast<std::size_t>(i)].labels = R"( {"objects":[]} )";
    all[1].labels = "{}";
    for (const Fate fate : {Fate::answered, Fate::lost_before, Fate::lost_after})
        for (int saves = 0;; ++saves) {
            CAPTURE(saves);
            ProjectServer server;
            server.label_fate(Fate::answered);
            server.label_fate(fate);
            Run run{server, 10, {}, saves};
            const bool whole = run.attempt(all).has_value();
            run.saves_left = -1;
            REQUIRE(run.attempt(all));
            CHECK(server.count() == each_once(all));
            CHECK(server.labels().size() == 13);
            std::size_t again = 0;
            for (const auto &[name, count] : server.labels()) again += count > 1;
            CHECK(again <= (fate == Fate::lost_after ? 8u : 5u)); // those of the chunks in doubt
            if (whole) break;
        }
}

TEST_CASE("of a sequence that changed meanwhile, what was sent can be told from the rest") {
    ProjectServer server;
    auto all = assets(20);
    Run run{server, 10, {}, 3};
    CHECK_FALSE(run.attempt(all)); // both chunks are there, the second one in doubt
    Job job;
    job.event = R"({"projectId":"p1","apiKey":"k"})";
    job.members = *json::members(job.event);
    job.checkpoint = run.checkpoint;
    job.progress = [](std::uint64_t, std::uint64_t) {};
    job.save_checkpoint = [](std::string_view) -> Result<void> { return {}; };
    rest::HttpClient client({"", "", {}});
    rest::HubApi hub(client, {server.url(), "k", {}, {}}, job.cancel);
    AssetImport import(job, hub, {.chunk = 10, .position = {}, .patience = {1ms}});
    CHECK(import.done() == 10);
    CHECK_FALSE(import.was_sent(all[9]));
    CHECK(import.was_sent(all[10]));
    CHECK_FALSE(import.was_sent(asset(20)));
    for (std::size_t i = 11; i < 20; ++i) REQUIRE(import.add(all[i])); // number 10 is gone
    REQUIRE(import.finish());
    CHECK_FALSE(import.was_sent(all[11]));
    REQUIRE(import.add(asset(20)));
    REQUIRE(import.finish());
    all.push_back(asset(20));
    CHECK(server.count() == each_once(all));
}

TEST_CASE("the caller's place in its sequence is kept with the checkpoint") {
    ProjectServer server;
    Job job;
    job.event = R"({"projectId":"p1","apiKey":"k"})";
    job.members = *json::members(job.event);
    std::string checkpoint;
    job.progress = [](std::uint64_t, std::uint64_t) {};
    job.save_checkpoint = [&](std::string_view text) -> Result<void> {
        checkpoint = text;
        return {};
    };
    rest::HttpClient client({"", "", {}});
    rest::HubApi hub(client, {server.url(), "k", {}, {}}, job.cancel);
    {
        AssetImport import(job, hub, {.chunk = 2, .position = [] { return R"({"token":"t1"})"; }});
        CHECK(import.position().empty());
        REQUIRE(import.add(asset(1)));
        REQUIRE(import.finish());
    }
    job.checkpoint = checkpoint;
    AssetImport import(job, hub, {});
    CHECK(import.position() == R"({"token":"t1"})");
    CHECK(import.done() == 1);
}
