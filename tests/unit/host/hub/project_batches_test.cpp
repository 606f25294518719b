// Batches of a project while Hub loses answers or misbehaves. A server on loopback plays Hub: it replaces the whole list
// with each POST, as Hub does, so a batch that is not sent along would be lost.
//
// Each test chooses the fate of the next POSTs and then compares the batches that Hub has.
#include "host/hub/project_batches.hpp"

#include "host/hub/answer_server.hpp"
#include "printing.hpp"

#include "base/json.hpp"
#include "rest/http_client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <deque>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;

namespace {

enum class Fate { taken, lost_before, lost_after, ignored, without_list, refused };

struct Project {
    std::vector<std::pair<std::string, std::string>> batches; ///< id, name
    std::deque<Fate> fates;                                   ///< of the next POSTs
    std::string broken_list;                                  ///< the answer to each GET, if not empty
    std::vector<std::string> more;                            ///< of each batch, sent back by the client

    AnswerServer server{[this](const auto &request) { return answer(request); }};
    rest::HttpClient client{{"", "", {}}};
    CancelToken cancel;
    rest::HubApi hub{client, {server.url(), "k", {.attempts = 2, .base_delay = 1ms, .max_delay = 1ms}, {}}, cancel};
    ProjectBatches known{hub, "p/1"};

    std::string list() const {
        std::vector<std::string> out;
        for (const auto &[id, name] : batches)
            out.push_back(fmt::format(R"({{"_id":"{}","name":{},"colour":"c-{}"}})", id, json::quote(name), id));
        return fmt::format(R"({{"status":"success","data":{{"project":{{"batches":[{}]}}}}}})", fmt::join(out, ","));
    }
    void replace(const std::string &body) {
        const auto sent = json::parse(body);
        batches.clear();
        for (const auto &each : (*sent)["batches"].GetArray()) {
            const std::string id = json::text_or(each, "_id", "");
            batches.emplace_back(id.empty() ? fmt::format("new{}", batches.size()) : id,
                                 json::text_or(each, "name", ""));
            more.push_back(json::text_or(each, "colour", ""));
        }
    }
    AnswerServer::Reply answer(const AnswerServer::Request &request) {
        if (request.method == "GET") return {broken_list.empty() ? list() : broken_list};
        Fate fate = Fate::taken;
        if (!fates.empty()) {
            fate = fates.front();
            fates.pop_front();
        }
        if (fate == Fate::refused) return {R"({"status":"fail","message":"no right"})", 400};
        if (fate == Fate::lost_before) return AnswerServer::lost();
        if (fate == Fate::ignored) return {list()};
        replace(request.body);
        if (fate == Fate::lost_after) return AnswerServer::lost();
        return {fate == Fate::without_list ? R"({"status":"success","data":{}})" : list()};
    }
    std::size_t posts() const {
        const auto lines = server.lines();
        return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), "POST /v2/batches/p%2F1"));
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto &each : batches) out.push_back(each.second);
        return out;
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("batches that the project has are only looked up") {
    Project project;
    project.batches = {{"1", "a"}, {"2", "b \"ü\""}};
    REQUIRE(project.known.ensure({"a", "b \"ü\""}));
    CHECK(project.known.id("a") == "1");
    CHECK(project.known.id("b \"ü\"") == "2");
    CHECK(project.known.id("c").empty());
    CHECK(project.known.created() == 0);
    CHECK(project.server.lines() == Names{"GET /v2/project/p%2F1"});
    REQUIRE(project.known.ensure({"a"}));
    REQUIRE(project.known.ensure({}));
    CHECK(project.server.lines().size() == 1);
}

TEST_CASE("missing batches are created in one call that keeps those of the project") {
    Project project;
    project.batches = {{"1", "a"}};
    REQUIRE(project.known.ensure({"a", "b", "c"}));
    CHECK(project.names() == Names{"a", "b", "c"});
    CHECK(project.batches[0].first == "1");
    CHECK(project.more == Names{"c-1", "", ""}); // members that angod does not know are sent along
    CHECK(project.known.id("c") == "new2");
    CHECK(project.known.created() == 2);
    CHECK(project.posts() == 1);
}

TEST_CASE("a batch that is needed later joins the others") {
    Project project;
    REQUIRE(project.known.ensure({"a"}));
    project.batches.emplace_back("9", "by another user");
    REQUIRE(project.known.ensure({"b"}));
    CHECK(project.names() == Names{"a", "by another user", "b"});
    CHECK(project.known.created() == 2);
}

TEST_CASE("after a lost answer the list of the project decides") {
    for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::without_list}) {
        CAPTURE(static_cast<int>(fate));
        Project project;
        project.batches = {{"1", "a"}};
        project.fates = {fate};
        REQUIRE(project.known.ensure({"b"}));
        CHECK(project.names() == Names{"a", "b"});
        CHECK(project.known.id("b") == "new1");
        CHECK(project.known.created() == 1);
        CHECK(project.posts() == (fate == Fate::lost_before ? 2 : 1));
    }
}

TEST_CASE("answers that are always lost are an error of the network") {
    Project project;
    project.fates.assign(9, Fate::lost_before);
    const auto made = project.known.ensure({"b"});
    REQUIRE(!made);
    CHECK(made.error().code == Code::network);
    CHECK(project.posts() == 3);
    CHECK(project.known.created() == 0);
}

TEST_CASE("a Hub that says yes and does nothing is told to the user") {
    Project project;
    project.fates.assign(9, Fate::ignored);
    const auto made = project.known.ensure({"b"});
    REQUIRE(!made);
    CHECK(made.error().text ==
          "Hub did not create the batch \"b\" and gave no reason. Create it in the project and run "
          "the plugin again.");
    CHECK(project.posts() == 3);
}

TEST_CASE("a refusal is not repeated") {
    Project project;
    project.fates = {Fate::refused};
    const auto made = project.known.ensure({"b"});
    REQUIRE(!made);
    CHECK(made.error().text.starts_with("Hub refused the new batches: no right (HTTP 400"));
    CHECK(project.posts() == 1);
}

TEST_CASE("without a list of batches nothing is sent, because Hub would delete those that are not sent along") {
    for (const char *answer :
         {R"({"data":{"project":{}}})", R"({"data":{"project":{"batches":{}}}})", R"({"data":{}})", "{}"}) {
        CAPTURE(answer);
        Project project;
        project.broken_list = answer;
        const auto made = project.known.ensure({"b"});
        REQUIRE(!made);
        CHECK(made.error().text == "Hub's description of the project does not say which batches it has, so none can be "
                                   "added.");
        CHECK(project.posts() == 0);
    }
}

TEST_CASE("a project whose list is null has no batches yet") {
    Project project;
    project.broken_list = R"({"data":{"project":{"batches":null}}})";
    REQUIRE(project.known.ensure({"b"}));
    CHECK(project.names() == Names{"b"});
}

TEST_CASE("of two batches with the same name the first is used") {
    Project project;
    project.batches = {{"1", "a"}, {"2", "a"}};
    REQUIRE(project.known.ensure({"a"}));
    CHECK(project.known.id("a") == "1");
}

TEST_CASE("batches are found by id and by name, in order, with one question") {
    Project project;
    project.batches = {{"id1", "day"}, {"id2", "night"}, {"id3", "id1"}, {"id4", "night"}};
    CHECK(project.known.ids_of({"id4"}).value() == std::vector<std::string>{"id4"}); // although its name is taken
    CHECK(project.known.ids_of({"night", "id1", "day"}).value() == std::vector<std::string>{"id2", "id1", "id1"});
    CHECK(project.known.ids_of({}).value().empty());
    CHECK(project.server.requests().size() == 1);
    const auto unknown = project.known.ids_of({"day", "dusk"});
    REQUIRE(!unknown);
    CHECK(unknown.error().code == Code::not_found);
    CHECK(unknown.error().text.starts_with("The project has no batch \"dusk\"."));
}

TEST_CASE("a batch whose name looks the same is the batch that is meant") {
    Project project;
    project.batches = {{"b1", "caf\u00e9"}, {"b2", "day one"}};
    REQUIRE(project.known.ensure({"cafe\u0301", "day\u00a0one", "day  one"}));
    CHECK(project.posts() == 0);
    CHECK(project.known.id("cafe\u0301") == "b1");
    CHECK(project.known.id("day\u00a0one") == "b2");
    REQUIRE(project.known.ensure({"n\u00e9w", "ne\u0301w"}));
    CHECK(project.known.created() == 1);
    CHECK(project.known.id("n\u00e9w") == project.known.id("ne\u0301w"));
    CHECK(project.known.take_warnings().empty());
}

TEST_CASE("a new batch that differs from another one in upper and lower case is made, and told") {
    Project project;
    project.batches = {{"b1", "Night"}};
    REQUIRE(project.known.ensure({"night", "Day", "day"}));
    CHECK(project.names() == Names{"Night", "Day", "day", "night"});
    CHECK(
        project.known.take_warnings() ==
        Names{
            "The new batch \"day\" differs from the batch \"Day\" only in upper and lower case. They are two batches.",
            "The new batch \"night\" differs from the batch \"Night\" only in upper and lower case. They are two "
            "batches."});
    CHECK(project.known.take_warnings().empty());
    const auto ids = project.known.ids_of({"NIGHT"});
    REQUIRE_FALSE(ids);
    CHECK(ids.error().text ==
          "The project has no batch \"NIGHT\". Its batch \"Night\" differs from it only in upper and "
          "lower case: choose another batch and run the plugin again.");
}
