#include "host/model/label_import.hpp"

#include "host/hub/hub_access.hpp"
#include "host/model/model_task.hpp"

#include "rest/retry.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace angod::host {

namespace {

std::string labels_text(const AssetLabels &labels, bool wrapped) {
    const ListedAsset &asset = labels.asset;
    const std::string key =
        fmt::format("\"{}\":{}", asset.external_id.empty() ? "data" : "externalId", json::quote(import_key(asset)));
    const std::string answer = lists_text(labels.answer) + brushes_text(labels.answer) + others_text(labels.answer);
    return wrapped ? fmt::format(R"({{{},"answer":{{{}}}}})", key, answer) : fmt::format("{{{},{}}}", key, answer);
}

bool in_doubt(Code code) { return code == Code::network || code == Code::timeout || code == Code::protocol; }

std::optional<std::uint64_t> take_number(std::string_view &text) {
    const std::size_t from = text.find_first_of("0123456789");
    if (from == text.npos) return std::nullopt;
    std::uint64_t number = 0;
    const auto [stop, failed] = std::from_chars(text.data() + from, text.data() + text.size(), number);
    if (failed != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

LabelImport::Taken taken(const json::Document &answer, std::uint64_t sent) {
    const json::Value *data = json::find(answer, "data");
    const auto said = labelled_of(data ? json::text_or(*data, "project", "") : "");
    // An external id may belong to several assets, so Hub may count more tasks than there were labels. If it counts fewer, it has
    // not found the others.
    const std::uint64_t all = said ? std::max(said->second, sent) : 0;
    const std::uint64_t refused = said && said->first < all ? std::min(sent, all - said->first) : 0;
    return {sent - refused, refused};
}

} // namespace

const std::string &import_key(const ListedAsset &asset) {
    return asset.external_id.empty() ? asset.data : asset.external_id;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> labelled_of(std::string_view text) {
    const auto first = take_number(text);
    const std::size_t slash = text.find_first_not_of(' ');
    if (!first || slash == text.npos || text[slash] != '/') return std::nullopt;
    const auto second = take_number(text);
    if (!second) return std::nullopt;
    return std::pair(*first, *second);
}

Result<LabelImport::Taken> LabelImport::send(std::vector<AssetLabels> labels) {
    rest::Retry retry(hub_.options().retry, rest::real_world(job_.cancel), hub_.options().on_retry);
    Taken all;
    while (!labels.empty()) {
        const auto answer = post(labels);
        if (answer) {
            const Taken now = taken(*answer, labels.size());
            return Taken{all.labelled + now.labelled, all.refused + now.refused};
        }
        Error failed = answer.error();
        if (!in_doubt(failed.code)) return failed;
        std::vector<AssetLabels> missing;
        for (AssetLabels &one : labels) {
            const auto there = is_in_hub(one);
            if (!there) return there.error();
            if (*there)
                ++all.labelled;
            else
                missing.push_back(std::move(one));
        }
        labels = std::move(missing);
        if (labels.empty() || retry.again(failed.text)) continue;
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        failed.text += retry.last_words();
        return failed;
    }
    return all;
}

Result<bool> LabelImport::is_in_hub(const AssetLabels &labels) {
    for (const std::string &id : labels.asset.tasks) {
        const auto task = read_task(hub_, id);
        if (!task && task.error().code == Code::not_found) continue; // deleted in the meantime
        if (!task) return task.error();
        if (contains(task->answer, labels.answer)) return true;
    }
    return false;
}

Result<json::Document> LabelImport::post(const std::vector<AssetLabels> &labels) {
    const auto ask = [&](bool wrapped) {
        rest::Call call{"the import of labels", "POST", "/v2/import/labels"};
        call.repeat = false;
        call.body =
            fmt::format(R"({{"project":{},"{}":[)", json::quote(job_.project()), wrapped ? "labels" : "jsonContent");
        for (const AssetLabels &one : labels) {
            if (&one != &labels.front()) call.body += ',';
            call.body += labels_text(one, wrapped);
        }
        call.body += "]}";
        return hub_.call(call);
    };
    auto answer = ask(wrapped_);
    if (answer || wrapped_ || answer.error().code != Code::invalid) return answer;
    auto other = ask(true);
    if (!other && !in_doubt(other.error().code)) return answer; // report the refusal of the form that works today
    wrapped_ = true;
    return other;
}

} // namespace angod::host
