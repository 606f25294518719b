#include "ctl/record.hpp"

#include "base/files.hpp"
#include "base/percent.hpp"
#include "ctl/admin_client.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/find_ids.hpp"
#include "ctl/output.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

namespace angod::ctl {

namespace {

using namespace std::chrono_literals;

volatile std::sig_atomic_t is_interrupted = 0;
void interrupt(int) { is_interrupted = 1; }

/// Members of a plugin that say nothing about the site.
constexpr const char *kShown[] = {"kind", "connector", "state", "confirmed", "connects"};

Result<json::Document> get(const Options &options, const std::string &target) {
    const auto answer = fetch(options, "GET", target);
    if (!answer) return answer.error();
    return json::parse(*answer);
}

/// Adds the messages of an answer to those that came before.
void take_messages(const json::Value &answer, std::vector<std::string> &messages) {
    const json::Value *list = json::find(answer, "messages");
    if (list && list->IsArray())
        for (const json::Value &message : list->GetArray()) messages.push_back(json::to_text(message));
}

bool is_on(const json::Value &recording) {
    const json::Value *on = json::find(recording, "recording");
    return on && on->IsTrue();
}

int fail(const Error &why) { return complain(why.text, kFailure); }

/// Waits until the time is over, the user ends it, or angod has ended it. Then the recording is over.
/// Each request asks for the messages that are new. Returns the last answer.
Result<json::Document> wait_for_recording(const Options &options, const std::string &target, std::int64_t seconds,
                                          std::vector<std::string> &messages) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    const auto next = [&] { return get(options, fmt::format("{}/recording?since={}", target, messages.size())); };
    for (bool on = true; on && !is_interrupted && std::chrono::steady_clock::now() < end;) {
        std::this_thread::sleep_for(1s); // a signal ends it earlier
        auto recording = next();
        if (!recording) return recording;
        on = is_on(*recording);
        const std::size_t before = messages.size();
        take_messages(*recording, messages);
        const std::size_t count = messages.size();
        if (count != before) std::fprintf(stderr, "%zu message%s\n", count, count == 1 ? "" : "s");
    }
    if (const auto ended = fetch(options, "POST", target + "/end-recording"); !ended) return ended.error();
    auto last = next();
    if (last) take_messages(*last, messages);
    return last;
}

} // namespace

std::string recording_lines(const json::Value &plugin, const json::Value &recording,
                            const std::vector<std::string> &messages) {
    std::string out = R"({"angod":")" ANGOD_VERSION "\"";
    for (const char *name : kShown)
        if (const json::Value *value = json::find(plugin, name))
            out += fmt::format(",{}:{}", json::quote(name), json::to_text(*value));
    if (const json::Value *left_out = json::find(recording, "left_out"))
        out += ",\"left_out\":" + json::to_text(*left_out);
    out += "}\n";
    for (const std::string &message : messages) out += message + "\n";
    return out;
}

int record(const Options &options, const RecordOptions &what) {
    const auto name = find_plugin(options, what.plugin);
    if (!name) return fail(name.error());
    const std::string target = "/v1/plugins/" + percent_encode(*name);
    const auto begun = fetch(options, "POST", target + "/record");
    if (!begun) return fail(begun.error());
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
    std::fprintf(
        stderr,
        "Recording for %lld seconds what Hub sends to the plugin %s. Run the plugin in Hub now. Ctrl-C ends the "
        "recording earlier.\n",
        static_cast<long long>(what.seconds), printable(*name).c_str());
    std::vector<std::string> messages;
    const auto recording = wait_for_recording(options, target, what.seconds, messages);
    if (!recording) return fail(recording.error());
    const auto plugin = get(options, target);
    if (!plugin) return fail(plugin.error());
    const std::string lines = recording_lines(*plugin, *recording, messages);
    if (what.output.empty()) {
        print_out(lines);
        return 0;
    }
    if (const auto written = files::replace(what.output, lines, false); !written) return fail(written.error());
    std::fprintf(stderr,
                 "Written to %s. Names, keys and contents are replaced; read the file before you give it away.\n",
                 what.output.c_str());
    return 0;
}

} // namespace angod::ctl
