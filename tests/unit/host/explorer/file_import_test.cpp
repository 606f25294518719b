// Imports of folders that change and attempts that are killed at every save of the checkpoint. A ProjectServer plays Hub
// and may lose answers; a Tree is the storage. In the end each file that existed all the time must be in the project
// exactly once.
#include "host/explorer/file_import.hpp"

#include "host/explorer/own_explorer.hpp"
#include "host/import/project_server.hpp"
#include "host/job/recorded_job.hpp"

#include "rest/http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;
using Fate = ProjectServer::Fate;
using Asked = std::vector<std::string>;

namespace {

struct Import {
    ProjectServer server;
    Tree tree;
    FileOptions options;
    ExplorerEvent event{
        .bucket = "b", .folder = "", .token = "", .storage = "", .upload = true, .files = {}, .batches = {}};
    std::optional<std::string> checkpoint;
    int saves_left = -1;
    bool locates = false; ///< the module gives the address of a named file

    RunResult attempt() {
        RecordedJob run(R"({"projectId":"p1","apiKey":"k"})");
        run.job.checkpoint = checkpoint;
        run.job.save_checkpoint = [this](std::string_view text) -> Result<void> {
            if (saves_left == 0) return error(Code::io, "killed");
            --saves_left;
            REQUIRE(json::check(text));
            checkpoint = text;
            return {};
        };
        OwnExplorer explorer = tree.explorer();
        if (locates)
            explorer.with_locate([](ango_job &, std::string_view key, ango_listing &file) {
                file.listing.files.push_back({"", "https://located.test/" + std::string(key)});
                return ANGO_OK;
            });
        rest::HttpClient client({"", "", {}});
        rest::HubApi hub(client, {server.url(), "k", {.attempts = 4, .base_delay = 1ms, .max_delay = 5ms}, {}},
                         run.job.cancel);
        ango_job handle(run.job);
        FilePages pages(handle, explorer.table, nullptr, event, nullptr);
        return FileImport(run.job, hub, pages, event, options, {1ms, 2ms}).run();
    }
    std::map<std::string, int> count() const {
        std::map<std::string, int> out;
        for (const auto &[asset, count] : server.count()) out[asset.substr(0, asset.find(' '))] += count;
        return out;
    }
    /// Makes an attempt that dies after so many saves. False if it ended before that.
    bool killed_after(int saves) {
        saves_left = saves;
        const bool whole = std::holds_alternative<Outcome>(attempt());
        saves_left = -1;
        return !whole;
    }
};

std::string answer(const RunResult &result) {
    const auto *outcome = std::get_if<Outcome>(&result);
    return outcome ? json::unquote(outcome->value).value() : "failed: " + std::get<Failure>(result).user_text;
}

std::map<std::string, int> each_once(const std::vector<std::string> &names) {
    std::map<std::string, int> out;
    for (const std::string &name : names) out[name] = 1;
    return out;
}

/// Two pages of files and folders, and folders below them.
void fill(Tree &tree) {
    tree.folders[""] = {{"a.jpg", "x/", "b.jpg", "y/"}, {"c.jpg", "z/"}};
    tree.folders["x/"] = {{"x/1.jpg"}, {"x/2.jpg", "x/deep/"}};
    tree.folders["x/deep/"] = {{"x/deep/3.jpg"}};
    tree.folders["y/"] = {{}};
    tree.folders["z/"] = {{"z/4.jpg"}};
}

const std::vector<std::string> kTop{"a.jpg", "b.jpg", "c.jpg"};
const std::vector<std::string> kAll{"a.jpg", "b.jpg", "c.jpg", "x/1.jpg", "x/2.jpg", "x/deep/3.jpg", "z/4.jpg"};

} // namespace

TEST_CASE("all pages of a folder are imported, and folders below only if the user wants them") {
    for (const bool subfolders : {false, true}) {
        Import import;
        fill(import.tree);
        import.options.subfolders = subfolders;
        CHECK(answer(import.attempt()) ==
              (subfolders ? "Imported 7 files into the project." : "Imported 3 files into the project."));
        CHECK(import.count() == each_once(subfolders ? kAll : kTop));
        CHECK(import.server.count().contains("a.jpg https://files.test/a.jpg"));
        CHECK(import.tree.asked ==
              (subfolders ? Asked{"#", "x/#", "x/#1", "x/deep/#", "y/#", "#1", "z/#"} : Asked{"#", "#1"}));
    }
}

TEST_CASE("files of another type, keys of folders and repeated files are left out") {
    Import import;
    import.tree.folders[""] = {{"a.jpg", "b.txt", "c.TXT", "a.jpg"}, { "d.jpg" }};
    import.options.accepted = {".jpg"};
    CHECK(answer(import.attempt()) ==
          "Imported 2 files into the project. 2 files were left out because of their type.");
    CHECK(import.count() == each_once({"a.jpg", "d.jpg"}));
    Import empty;
    empty.event.folder = "none/";
    CHECK(answer(empty.attempt()) == "There is nothing to import in the folder \"none/\".");
}

TEST_CASE("files whose address would lead to another file are left out, and counted once over all attempts") {
    const std::vector<std::string> bad{"../up.jpg", "./a.jpg", "x/../b.jpg", "x/.", "..", "x//./c.jpg"};
    const std::vector<std::string> good{"..a/b..jpg", ".hidden", "x/...", "x//c.jpg"};
    for (const bool killed : {false, true}) {
        Import import;
        auto &pages = import.tree.folders[""];
        pages.push_back(bad);
        pages.push_back(good);
        if (killed) REQUIRE(import.killed_after(1));
        CHECK(answer(import.attempt()) ==
              "Imported 4 files into the project. 6 files were left out because a part of their "
              "names is \".\" or \"..\".");
        CHECK(import.count() == each_once(good));
    }
}

TEST_CASE("files whose name the project has are left out if the user wants only new ones") {
    for (const bool only_new : {true, false}) {
        Import import;
        fill(import.tree);
        import.server.has("b.jpg", "https://elsewhere/b.jpg", 1h);
        import.options.only_new = only_new;
        CHECK(answer(import.attempt()) == (only_new
                                               ? "Imported 2 files into the project. 1 file was in the project already."
                                               : "Imported 3 files into the project."));
        CHECK(import.count()["b.jpg"] == (only_new ? 1 : 2));
    }
}

TEST_CASE("named files are imported without a look into their folder") {
    Import import;
    for (int i = 0; i < 1005; ++i) import.event.files.push_back(fmt::format("in/{}.jpg", i % 1003));
    CHECK(
        answer(import.attempt()).starts_with("failed: The plugin does not give the address of the file \"in/0.jpg\""));
    CHECK(import.count().empty());
    import.locates = true;
    import.options.ignored = {"7.jpg"};
    CHECK(import.killed_after(9));
    CHECK(answer(import.attempt()).starts_with("Imported "));
    const auto count = import.count();
    CHECK(count.size() == 1003 - 100);
    CHECK(count.contains("in/1002.jpg"));
    CHECK(import.server.count().contains("in/0.jpg https://located.test/in/0.jpg"));
    CHECK(import.tree.asked.empty());
}

TEST_CASE("a kill at any save imports nothing twice and loses nothing") {
    for (const bool only_new : {false, true})
        for (const Fate fate : {Fate::answered, Fate::lost_before, Fate::lost_after, Fate::half})
            for (int saves = 0;; ++saves) {
                CAPTURE(saves);
                CAPTURE(static_cast<int>(fate));
                Import import;
                fill(import.tree);
                import.options = {.accepted = {}, .ignored = {}, .subfolders = true, .only_new = only_new};
                import.server.fate(Fate::answered);
                import.server.fate(fate);
                const bool killed = import.killed_after(saves);
                if (killed) CHECK(answer(import.attempt()).starts_with("Imported 7 files into the project."));
                CHECK(import.count() == each_once(kAll));
                if (!killed) break;
                REQUIRE(saves < 50);
            }
}

TEST_CASE("the counts of a message continue in the next attempt") {
    for (int saves = 0;; ++saves) {
        CAPTURE(saves);
        Import import;
        import.tree.folders[""] = {{"a.jpg", "a.txt"}, { "b.jpg", "b.txt" }};
        import.options.accepted = {".jpg"};
        const bool killed = import.killed_after(saves);
        if (!killed) break;
        CHECK(answer(import.attempt()) ==
              "Imported 2 files into the project. 2 files were left out because of their type.");
    }
}

TEST_CASE("a folder that changes between two attempts loses none of the files that stay") {
    for (int saves = 0;; ++saves) {
        CAPTURE(saves);
        Import import;
        import.tree.folders[""] = {{"a.jpg", "c.jpg", "m/", "p/"}, { "e.jpg" }};
        import.tree.folders["m/"] = {{ "m/1.jpg" }};
        import.tree.folders["p/"] = {{ "p/2.jpg" }};
        import.options.subfolders = true;
        const bool killed = import.killed_after(saves);
        if (!killed) break;
        // A file and a folder are new, others are gone.
        import.tree.folders[""] = {{"b.jpg", "c.jpg", "n/", "p/"}, { "e.jpg" }};
        import.tree.folders["n/"] = {{ "n/3.jpg" }};
        import.tree.folders["m/"] = {};
        REQUIRE(std::holds_alternative<Outcome>(import.attempt()));
        const auto count = import.count();
        for (const char *name : {"c.jpg", "e.jpg", "p/2.jpg"}) {
            CAPTURE(name);
            REQUIRE(count.contains(name));
            CHECK(count.at(name) == 1);
        }
        for (const auto &each : count) CHECK_MESSAGE(each.second == 1, each.first);
    }
}

TEST_CASE("a folder whose pages come again ends the import, whatever their tokens are") {
    const std::string end =
        "failed: The plugin's list of the folder \"\" has no end: its pages come again. Tell its operator.";
    for (const bool same_tokens : {false, true}) {
        Import import;
        for (int page = 0; page < 40; ++page)
            import.tree.folders[""].push_back({std::to_string(same_tokens ? page : page % 3) + ".jpg"});
        if (same_tokens) import.tree.next_of = {{0, "1"}, {1, "2"}, { 2, "1" }};
        CHECK(answer(import.attempt()) == end);
        CHECK(import.tree.asked.size() <= 4);
    }
}

TEST_CASE("folders without end are refused before they are too deep") {
    Import import;
    std::string folder;
    for (int level = 0; level < 40; ++level) {
        import.tree.folders[folder] = {{ folder + "d/" }};
        folder += "d/";
    }
    import.options.subfolders = true;
    const std::string text = answer(import.attempt());
    CHECK(text.starts_with("failed: The folder \"d/d/"));
    CHECK(
        text.ends_with("is more than 32 levels deep, which is more than can be imported at once. Import the folders in "
                       "it one by one."));
    CHECK(import.tree.asked.size() == 32);
}
