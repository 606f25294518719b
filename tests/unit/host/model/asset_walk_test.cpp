// The walk through a project's assets while assets are added and deleted.
//
// A fake project lists its newest asset first, as Hub does, and counts the requests. Each test changes the project
// between two pages and checks that each asset is visited exactly once.
#include "host/model/asset_walk.hpp"

#include "host/model/label_import.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace angod;
using namespace angod::host;

namespace {

/// A project that lists its newest asset first.
struct Project {
    std::vector<std::string> ids; // oldest first
    std::uint64_t requests = 0, next = 0;
    std::function<void(Project &)> meanwhile = [](Project &) {};

    void add(std::uint64_t count) {
        while (count-- > 0) ids.push_back("id" + std::to_string(next++));
    }
    Result<AssetPage> page(std::uint64_t number, std::uint64_t limit) {
        if (requests++ > 0) meanwhile(*this);
        CHECK(limit <= 100);
        AssetPage out;
        out.total = ids.size();
        for (std::uint64_t i = (number - 1) * limit; i < number * limit && i < ids.size(); ++i)
            out.assets.push_back({ids[ids.size() - 1 - i], "", "", {}, ""});
        return out;
    }
    AssetWalk::Fetch fetch() {
        return [this](std::uint64_t number, std::uint64_t limit) { return page(number, limit); };
    }
};

/// Returns how often each asset was visited. restart: after each page a new walk starts at the place of the old one.
std::map<std::string, int> walk(Project &project, bool restart = false) {
    std::map<std::string, int> met;
    AssetWalk::Place place;
    AssetWalk one(project.fetch(), place);
    for (int round = 0; round < 10'000; ++round) {
        const auto assets = one.next();
        REQUIRE(assets);
        if (assets->empty()) return met;
        for (const ListedAsset &asset : *assets) {
            ++met[asset.id];
            one.done(asset);
            if (restart && met.size() % 7 == 0) {
                one = AssetWalk(project.fetch(), one.place());
                break;
            }
        }
    }
    FAIL("the walk does not end");
    return met;
}

bool each_once(const Project &project, const std::map<std::string, int> &met) {
    return std::all_of(project.ids.begin(), project.ids.end(),
                       [&](const std::string &id) { return met.contains(id); }) &&
           std::all_of(met.begin(), met.end(), [](const auto &one) { return one.second == 1; });
}

} // namespace

TEST_CASE("a walk meets each asset once, in few requests") {
    for (const std::uint64_t count : {0, 1, 2, 99, 100, 101, 199, 200, 201, 1000, 5000, 9999}) {
        Project project;
        project.add(count);
        CHECK_MESSAGE(each_once(project, walk(project)), count);
        CHECK_MESSAGE(project.requests <= 4 + count / 75, count);
    }
}

TEST_CASE("it goes from the oldest to the newest") {
    Project project;
    project.add(250);
    AssetWalk one(project.fetch(), {});
    const auto assets = one.next();
    REQUIRE(assets);
    CHECK(assets->front().id == "id0");
    CHECK(assets->back().id == "id" + std::to_string(assets->size() - 1));
}

TEST_CASE("assets that are added while it goes are met too") {
    for (const std::uint64_t each : {1, 50, 99, 100, 101, 250}) {
        Project project;
        project.add(700);
        project.meanwhile = [each](Project &p) {
            if (p.requests < 15) p.add(each);
        };
        CHECK_MESSAGE(each_once(project, walk(project)), each);
    }
}

TEST_CASE("assets that are deleted take no other one with them") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        Project project;
        project.add(random() % 900);
        const std::size_t most = random() % 12;
        project.meanwhile = [&](Project &p) {
            if (p.requests > 12) return;
            for (std::size_t n = random() % (most + 1); n > 0 && !p.ids.empty(); --n)
                p.ids.erase(p.ids.begin() + static_cast<std::ptrdiff_t>(random() % p.ids.size()));
            if (random() % 2 == 0) p.add(random() % (most + 1));
        };
        CHECK(each_once(project, walk(project)));
    }
}

TEST_CASE("it goes on from its place in another process") {
    Project project;
    project.add(300);
    project.meanwhile = [](Project &p) {
        if (p.requests < 20) p.add(3);
    };
    CHECK(each_once(project, walk(project, true)));
}

TEST_CASE("a place that nothing is left of is an error with a sentence") {
    Project project;
    project.add(300);
    AssetWalk one(project.fetch(), {});
    const auto assets = one.next();
    REQUIRE(assets);
    for (const ListedAsset &asset : *assets) one.done(asset);
    project.ids.erase(project.ids.begin(), project.ids.begin() + static_cast<std::ptrdiff_t>(assets->size()));
    const auto next = one.next();
    REQUIRE(!next);
    CHECK(next.error().text.starts_with("Assets were deleted from the project while the plugin ran"));
}

TEST_CASE("a page is as large as can be and shows the asset that was done last") {
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const PageChoice choice = choose_page(i, true);
        const std::uint64_t first = (choice.page - 1) * choice.limit;
        REQUIRE(choice.limit <= 100);
        REQUIRE(first <= i);
        REQUIRE(i + 1 < first + choice.limit);
        if (i >= 100) REQUIRE(i - first >= 49);
    }
    CHECK(choose_page(250, false).page == 3);
}

TEST_CASE("a list of assets is read as far as it is one") {
    const auto page = read_asset_page(*json::parse(
        R"({"data":{"total":7,"assets":[{"_id":"a","externalId":"n","data":"u","labelTasks":[{"_id":"t"},"s",5,{}]},{"_id":"b","externalId":null}]}})"));
    REQUIRE(page);
    CHECK(page->total == 7);
    CHECK(page->assets[0].tasks == std::vector<std::string>{"t", "s"});
    CHECK(page->assets[1].external_id == "");
    CHECK(page->assets[1].record == R"({"_id":"b","externalId":null})");
    for (const char *text : {"{}", R"({"data":{"assets":[]}})", R"({"data":{"assets":{},"total":1}})",
                             R"({"data":{"assets":[{}],"total":1}})", R"({"data":{"assets":[5],"total":1}})",
                             R"({"data":{"assets":[],"total":-1}})"})
        CHECK_MESSAGE(!read_asset_page(*json::parse(text)), text);
}

TEST_CASE("Hub's count of labelled tasks is read from its sentence") {
    CHECK(labelled_of("12 / 13 tasks are labeled.") == std::pair<std::uint64_t, std::uint64_t>(12, 13));
    CHECK(labelled_of("Done: 0/5") == std::pair<std::uint64_t, std::uint64_t>(0, 5));
    for (const char *text : {"", "all", "12", "12 of 13", "12 / many", "99999999999999999999999 / 1"})
        CHECK_MESSAGE(!labelled_of(text), text);
}
