#include "host/asset_import.hpp"

#include "base/json.hpp"
#include "base/url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

} // namespace

AssetImport::AssetImport(Job &job, rest::HubApi &hub, Options options) : job_(job), hub_(hub), options_(options) {
    if (!job.checkpoint) return;
    if (const auto kept = json::parse(*job.checkpoint))
        if (const auto *done = json::find(*kept, "done"); done && done->IsUint64()) done_ = done->GetUint64();
}

Result<void> AssetImport::add(NewAsset asset) {
    chunk_.push_back(std::move(asset));
    return chunk_.size() < options_.chunk ? Result<void>() : send();
}

Result<void> AssetImport::finish() { return chunk_.empty() ? Result<void>() : send(); }

Result<void> AssetImport::send() {
    std::vector<std::string> assets;
    for (const NewAsset &asset : chunk_) assets.push_back(json_of(asset));
    rest::Call call{"the import of assets", "POST", "/v2/project/" + percent_encode(job_.project()) + "/cloud"};
    call.body = fmt::format(R"({{"assets":[{}],"uploadLocal":null,"priority":0}})", fmt::join(assets, ","));
    call.repeat = false;
    if (const auto answer = hub_.call(call); !answer) return answer.error();
    done_ += chunk_.size();
    chunk_.clear();
    return job_.save_checkpoint(fmt::format(R"({{"done":{}}})", done_));
}

} // namespace angod::host
