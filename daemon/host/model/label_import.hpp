// Imports labels into a project, each exactly once. Labels that Hub may have received are looked up before they are
// sent again.
#pragma once

#include "host/job/job.hpp"
#include "host/model/asset_walk.hpp"
#include "host/model/model_answer.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::host {

/// The labels of an asset. Their objects have ids by add_object_ids.
struct AssetLabels {
    ListedAsset asset; ///< without its record
    ModelAnswer answer;
};

/// The key of Hub's import: the external id, or the address of the file if there is no id; empty if both are empty.
const std::string &import_key(const ListedAsset &asset);

/// One for each job; job thread.
class LabelImport {
public:
    /// job and hub must outlive it.
    LabelImport(Job &job, rest::HubApi &hub) : job_(job), hub_(hub) {}

    struct Taken {
        std::uint64_t labelled = 0, refused = 0; ///< as Hub counts them
    };
    /// Sends all labels in one call. If the answer is lost, sends those again that Hub does not have.
    Result<Taken> send(std::vector<AssetLabels> labels);
    /// Whether Hub has these labels already. An asset without a task has no labels.
    Result<bool> is_in_hub(const AssetLabels &labels);

private:
    Result<json::Document> post(const std::vector<AssetLabels> &labels);

    Job &job_;
    rest::HubApi &hub_;
    bool wrapped_ = false; ///< this Hub expects the form of its published description
};

/// Reads the two numbers of "12 / 13 tasks are labeled."; nothing if there are none. Pure.
std::optional<std::pair<std::uint64_t, std::uint64_t>> labelled_of(std::string_view text);

} // namespace angod::host
