#include "host/import/import_chunk.hpp"

#include "base/ids.hpp"
#include "base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace angod::host {

namespace {

std::string json_of(const NewAsset &asset) {
    std::string out =
        fmt::format(R"({{"data":{},"externalId":{})", json::quote(asset.data), json::quote(asset.external_id));
    if (!asset.batches.empty()) {
        std::vector<std::string> ids;
        for (const std::string &id : asset.batches) ids.push_back(json::quote(id));
        out += fmt::format(R"(,"batches":[{}])", fmt::join(ids, ","));
    }
    if (!asset.storage.empty()) out += fmt::format(R"(,"storage":{})", json::quote(asset.storage));
    return out + "}";
}

/// The members of an object without its braces; empty if there are none.
std::string_view inside(std::string_view object) {
    const std::size_t open = object.find('{'), close = object.rfind('}');
    if (open == object.npos || close == object.npos || close < open) return {};
    const std::string_view members = object.substr(open + 1, close - open - 1);
    return members.find_first_not_of(" \t\r\n") == members.npos ? std::string_view() : members;
}

} // namespace

std::uint64_t fingerprint(std::string_view external_id, std::string_view data) {
    if (data.starts_with("https://") || data.starts_with("http://")) data = data.substr(0, data.find('?'));
    std::string text = std::to_string(external_id.size()) + ':';
    text.append(external_id).append(data);
    const std::string digest = sha256(text);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | static_cast<unsigned char>(digest[i]);
    return out;
}

void ImportChunk::add(NewAsset asset) {
    const std::uint64_t print = fingerprint(asset.external_id, asset.data);
    const auto [kind, is_new] = kind_of_.emplace(print, kinds_.size());
    if (is_new) kinds_.push_back({print, {}});
    kinds_[kind->second].assets.push_back(assets_.size());
    bytes_ += asset.data.size() + asset.external_id.size() + asset.labels.size();
    assets_.push_back(std::move(asset));
}

void ImportChunk::clear() {
    assets_.clear();
    kinds_.clear();
    kind_of_.clear();
    bytes_ = 0;
}

ImportChunk::Counts ImportChunk::wanted() const {
    Counts out;
    for (const Kind &kind : kinds_) out.push_back(kind.assets.size());
    return out;
}

std::optional<std::size_t> ImportChunk::kind_of(std::uint64_t print) const {
    const auto kind = kind_of_.find(print);
    return kind == kind_of_.end() ? std::nullopt : std::optional(kind->second);
}

std::string ImportChunk::import_json(const Counts &of_each) const {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
        const auto &places = kinds_[i].assets; // any of them will do; take the last ones
        const std::size_t count = std::min(of_each[i], places.size());
        chosen.insert(chosen.end(), places.end() - static_cast<std::ptrdiff_t>(count), places.end());
    }
    std::sort(chosen.begin(), chosen.end());
    std::vector<std::string> assets;
    for (const std::size_t place : chosen) assets.push_back(json_of(assets_[place]));
    return fmt::format("[{}]", fmt::join(assets, ","));
}

std::string ImportChunk::labels_json() const {
    std::vector<std::string> out;
    for (const NewAsset &asset : assets_)
        if (const std::string_view labels = inside(asset.labels); !labels.empty())
            out.push_back(fmt::format(R"({{"externalId":{},{}}})", json::quote(asset.external_id), labels));
    return out.empty() ? "" : fmt::format("[{}]", fmt::join(out, ","));
}

std::size_t ImportChunk::labelled() const {
    return static_cast<std::size_t>(std::count_if(assets_.begin(), assets_.end(),
                                                  [](const NewAsset &asset) { return !inside(asset.labels).empty(); }));
}

} // namespace angod::host
