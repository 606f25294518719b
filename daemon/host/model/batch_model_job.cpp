// One object labels all assets of a project on the job's thread. It asks the module about one asset after the other and
// collects the labels of up to 100 assets (a chunk). Before a chunk is sent, the checkpoint names its assets; after it,
// the checkpoint has the new place of the walk. So a later attempt knows which assets may have labels already, and
// looks into Hub before it sends theirs. A failure of one asset is counted and logged; other failures end the job.
//
// Hub's filter for several batches means the assets that are in all of them, but a user who chooses several means the
// assets that are in any. So each batch is walked on its own, and an asset that was in an earlier batch is left out.
#include "host/model/batch_model_job.hpp"

#include "host/hub/hub_access.hpp"
#include "host/hub/project_batches.hpp"
#include "host/model/asset_walk.hpp"
#include "host/model/label_import.hpp"
#include "host/model/model_call.hpp"

#include "base/grouped.hpp"
#include "base/hash_set.hpp"
#include "base/percent.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace angod::host {

namespace {

constexpr std::size_t kMostInChunk = 100;                       // assets; the size of a page
constexpr std::size_t kMostBytesOfChunk = std::size_t{4} << 20; // of labels
constexpr std::uint64_t kMostLines = 20;                        // of the log about single assets
constexpr std::size_t kMaxSentence = 1000, kMaxName = 200;      // bytes

/// The results for the assets so far, over all attempts.
struct Counts {
    std::uint64_t done = 0, labelled = 0, nothing = 0, failed = 0, refused = 0, same_name = 0;
    std::uint64_t elsewhere = 0; ///< visited in an earlier batch; not among done

    void add(const Counts &more) {
        done += more.done;
        labelled += more.labelled;
        nothing += more.nothing;
        failed += more.failed;
        refused += more.refused;
        same_name += more.same_name;
        elsewhere += more.elsewhere;
    }
};

class BatchModel {
public:
    BatchModel(Job &job, const ango_model_v1 &table, ango_instance *instance)
        : job_(job), access_(job), import_(job, access_.hub), model_(job, table, instance) {}

    RunResult run();

private:
    AssetWalk::Place take_up();
    Result<void> read_batches();
    std::optional<RunResult> label_all(AssetWalk &walk);
    Result<AssetPage> page(std::uint64_t number, std::uint64_t limit);
    bool was_in_earlier_batch(const ListedAsset &asset);
    std::optional<Failure> label(ListedAsset asset);
    void failed(const ListedAsset &asset, Failure failure);
    Result<void> send_chunk(AssetWalk &walk);
    Result<void> leave_out_what_is_there(std::vector<AssetLabels> &labels);
    Result<void> save(const AssetWalk::Place &place, const std::vector<AssetLabels> &sending);
    bool unmapped() const;
    RunResult outcome() const;

    Job &job_;
    HubAccess access_;
    LabelImport import_;
    ModelCall model_;
    HashSet names_;
    Counts counts_; ///< without those of chunk_
    Failure first_failure_;
    std::uint64_t lines_ = 0;        ///< lines logged about single assets
    std::set<std::string> doubtful_; ///< ids of assets that an earlier attempt may have labelled

    std::vector<std::string> batches_; ///< ids; empty: the whole project
    std::size_t batch_ = 0;            ///< the one that is walked now
    std::uint64_t walked_ = 0;         ///< assets in the batches before it
    HashSet ids_;                      ///< of the assets of all walks of this attempt, if there are several
    bool all_doubtful_ = false;        ///< earlier walks were made by an earlier attempt, and Hub does not tell batches

    std::vector<ListedAsset> chunk_; ///< assets since the last checkpoint, without their records
    Counts of_chunk_;
    std::vector<AssetLabels> labels_;
    std::size_t bytes_ = 0; ///< of labels_
};

RunResult BatchModel::run() {
    AssetWalk::Place place = take_up();
    if (const auto read = read_batches(); !read) return failure_of(read.error());
    for (;;) {
        AssetWalk walk([this](std::uint64_t number, std::uint64_t limit) { return page(number, limit); },
                       std::exchange(place, {}));
        if (auto end = label_all(walk)) return std::move(*end);
        walked_ += walk.total();
        if (++batch_ >= batches_.size()) return outcome();
        if (const auto saved = save({}, {}); !saved) return failure_of(saved.error());
    }
}

Result<void> BatchModel::read_batches() {
    const auto unusable = [] {
        return error(Code::invalid,
                     "The event from Hub cannot be used: its \"batches\" is not a list of texts. Choose the "
                     "batches again and run the plugin again.");
    };
    const auto listed = json::elements(job_.field("batches").value_or("[]"));
    if (!listed) return unusable();
    std::vector<std::string> named;
    for (const std::string_view batch : *listed) {
        auto text = json::unquote(batch);
        if (!text) return unusable(); // to leave it out would label fewer assets, or the whole project
        if (std::find(named.begin(), named.end(), *text) == named.end()) named.push_back(std::move(*text));
    }
    auto ids = ProjectBatches(access_.hub, job_.project()).ids_of(named);
    if (!ids) return ids.error();
    batches_ = std::move(*ids);
    return {};
}

/// Labels what one walk visits. Returns the end of the job if it ends before the walk.
std::optional<RunResult> BatchModel::label_all(AssetWalk &walk) {
    for (;;) {
        auto assets = walk.next();
        if (!assets) return failure_of(assets.error());
        if (assets->empty()) return std::nullopt;
        if (walk.place().done == 0)
            job_.log(LogLevel::info, batches_.size() < 2
                                         ? fmt::format("{} assets to label", grouped(walk.total()))
                                         : fmt::format("{} assets in batch {} of {}", grouped(walk.total()), batch_ + 1,
                                                       batches_.size()));
        for (ListedAsset &asset : *assets) {
            if (auto end = label(std::move(asset))) return std::move(*end);
            if (chunk_.size() < kMostInChunk && bytes_ < kMostBytesOfChunk) continue;
            if (const auto sent = send_chunk(walk); !sent) return failure_of(sent.error());
        }
        if (const auto sent = send_chunk(walk); !sent) return failure_of(sent.error());
    }
}

/// Returns the place where an earlier attempt ended.
AssetWalk::Place BatchModel::take_up() {
    AssetWalk::Place place;
    if (!job_.checkpoint) return place;
    const auto kept = json::parse(*job_.checkpoint);
    if (!kept) return place;
    const auto number = [&](const char *name) {
        const json::Value *value = json::find(*kept, name);
        return value && value->IsUint64() ? value->GetUint64() : 0;
    };
    const auto each_text = [&](const char *name, const auto &take) {
        if (const json::Value *list = json::find(*kept, name); list && list->IsArray())
            for (const json::Value &one : list->GetArray())
                if (one.IsString()) take(std::string(json::view(one)));
    };
    place.done = number("place");
    batch_ = number("batch");
    walked_ = number("walked");
    each_text("last", [&](std::string id) { place.last.push_back(std::move(id)); });
    each_text("sending", [&](std::string id) { doubtful_.insert(std::move(id)); });
    counts_ = {number("done"),    number("labelled"), number("nothing"),  number("failed"),
               number("refused"), number("sameName"), number("elsewhere")};
    first_failure_ = {json::text_or(*kept, "firstFailure", ""), "", -1};
    job_.log(LogLevel::info, fmt::format("continuing after {} assets", grouped(counts_.done)));
    return place;
}

Result<AssetPage> BatchModel::page(std::uint64_t number, std::uint64_t limit) {
    const rest::Call call{
        "the list of assets",
        "GET",
        "/v2/project/" + percent_encode(job_.project()) + "/assets",
        {{"page", std::to_string(number)},
         {"limit", std::to_string(limit)},
         {"filters", batches_.empty() ? "{}" : fmt::format(R"({{"batches":[{}]}})", json::quote(batches_[batch_]))}}};
    const auto answer = access_.hub.call(call);
    if (!answer) return answer.error();
    return read_asset_page(*answer);
}

/// Whether an earlier walk has visited the asset. Hub's record of an asset usually names its batches; otherwise this
/// object remembers the assets, and looks at the labels of those that an earlier attempt may have visited.
bool BatchModel::was_in_earlier_batch(const ListedAsset &asset) {
    if (batches_.size() < 2) return false;
    const bool seen = !ids_.insert(asset.id);
    if (batch_ == 0) return false;
    const auto record = json::parse(asset.record);
    const json::Value *list = record ? json::find(*record, "batches") : nullptr;
    if (!list || !list->IsArray()) {
        all_doubtful_ = job_.checkpoint.has_value();
        return seen;
    }
    const auto end = batches_.begin() + static_cast<std::ptrdiff_t>(batch_);
    return std::any_of(list->Begin(), list->End(), [&](const json::Value &one) {
        const std::string id = one.IsString() ? std::string(json::view(one)) : json::text_or(one, "_id", "");
        return std::find(batches_.begin(), end, id) != end;
    });
}

/// Asks the module about one asset. A failure ends the job.
std::optional<Failure> BatchModel::label(ListedAsset asset) {
    if (was_in_earlier_batch(asset)) {
        asset.record.clear();
        chunk_.push_back(std::move(asset));
        ++of_chunk_.elsewhere;
        return std::nullopt;
    }
    AskedAsset asked{asset.id, asset.external_id, asset.data, "", std::move(asset.record)};
    asset.record.clear();
    chunk_.push_back(asset);
    if (import_key(asset).empty()) {
        failed(asset, {"The asset has neither an external ID nor an address by which Hub could find it.", "", -1});
        return std::nullopt;
    }
    if (!names_.insert(import_key(asset))) {
        ++of_chunk_.same_name; // Hub would give its labels to the first asset of this name
        return std::nullopt;
    }
    auto predicted = model_.predict(asked);
    if (auto *failure = std::get_if<Failure>(&predicted)) {
        // If no class is mapped and the first asset fails, all assets fail for the same reason.
        const bool hopeless = unmapped() && counts_.done == 0 && chunk_.size() == 1;
        if (model_.stopped() || hopeless) return std::move(*failure);
        failed(asset, std::move(*failure));
        return std::nullopt;
    }
    auto &answer = std::get<ModelAnswer>(predicted);
    if (answer.empty()) {
        ++of_chunk_.nothing;
        return std::nullopt;
    }
    add_object_ids(answer, job_.id + "\n" + asset.id);
    bytes_ += lists_text(answer).size() + others_text(answer).size();
    labels_.push_back({std::move(asset), std::move(answer)});
    return std::nullopt;
}

void BatchModel::failed(const ListedAsset &asset, Failure failure) {
    ++of_chunk_.failed;
    if (first_failure_.user_text.empty()) first_failure_ = failure;
    if (++lines_ > kMostLines) return;
    const std::string &name = import_key(asset).empty() ? asset.id : import_key(asset);
    job_.log(LogLevel::warning, fmt::format("{}: {}", beginning_of(name, kMaxName), failure.user_text));
    if (lines_ == kMostLines)
        job_.log(LogLevel::warning, "further failures of single assets are counted but not logged");
}

Result<void> BatchModel::send_chunk(AssetWalk &walk) {
    if (chunk_.empty()) return {};
    if (const auto checked = leave_out_what_is_there(labels_); !checked) return checked;
    if (!labels_.empty()) {
        if (const auto saved = save(walk.place(), labels_); !saved) return saved;
        const auto taken = import_.send(std::move(labels_));
        if (!taken) return taken.error();
        of_chunk_.labelled += taken->labelled;
        of_chunk_.refused += taken->refused;
        if (taken->refused > 0 && ++lines_ <= kMostLines)
            job_.log(LogLevel::warning,
                     fmt::format("Hub did not take the labels of {} of {} assets. It takes labels only for "
                                 "tasks that are still to be done.",
                                 taken->refused, taken->refused + taken->labelled));
    }
    labels_.clear();
    bytes_ = 0;
    for (const ListedAsset &asset : chunk_) walk.done(asset);
    of_chunk_.done = chunk_.size() - of_chunk_.elsewhere;
    chunk_.clear();
    counts_.add(std::exchange(of_chunk_, {}));
    const std::uint64_t all = walked_ + walk.total() - std::min(counts_.elsewhere, walked_);
    job_.progress(std::min(counts_.done, all), all);
    return save(walk.place(), {});
}

Result<void> BatchModel::leave_out_what_is_there(std::vector<AssetLabels> &labels) {
    if (doubtful_.empty() && !all_doubtful_) return {};
    std::vector<AssetLabels> missing;
    for (AssetLabels &one : labels) {
        bool there = false;
        const bool sent_last = doubtful_.erase(one.asset.id) > 0;
        if (sent_last || all_doubtful_) {
            const auto found = import_.is_in_hub(one);
            if (!found) return found.error();
            there = *found;
        }
        if (there)
            ++(sent_last ? of_chunk_.labelled : of_chunk_.elsewhere); // counted in an earlier walk
        else
            missing.push_back(std::move(one));
    }
    labels = std::move(missing);
    return {};
}

/// sending: labels that Hub may receive although this attempt ends before it learns that.
Result<void> BatchModel::save(const AssetWalk::Place &place, const std::vector<AssetLabels> &sending) {
    std::vector<std::string> last, ids;
    for (const std::string &id : place.last) last.push_back(json::quote(id));
    for (const AssetLabels &one : sending) ids.push_back(json::quote(one.asset.id));
    for (const std::string &id : doubtful_) ids.push_back(json::quote(id));
    return job_.save_checkpoint(fmt::format(
        R"({{"batch":{},"walked":{},"elsewhere":{},"place":{},"last":[{}],"sending":[{}],"done":{},"labelled":{},"nothing":{},"failed":{},"refused":{},"sameName":{},"firstFailure":{}}})",
        batch_, walked_, counts_.elsewhere, place.done, fmt::join(last, ","), fmt::join(ids, ","), counts_.done,
        counts_.labelled, counts_.nothing, counts_.failed, counts_.refused, counts_.same_name,
        json::quote(beginning_of(first_failure_.user_text, kMaxSentence))));
}

bool BatchModel::unmapped() const {
    const auto classes = job_.field("categorySchema");
    return !classes || !json::truthy(*classes);
}

RunResult BatchModel::outcome() const {
    const Counts &all = counts_;
    if (all.done == 0) return Outcome{json::quote("There are no assets to label.")};
    if (all.failed == all.done) return first_failure_;
    std::string text = fmt::format("{} of {} assets labelled", grouped(all.labelled), grouped(all.done));
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) text += fmt::format(", {} {}", grouped(count), what);
    };
    add(all.nothing, "had nothing to label");
    add(all.failed, "failed");
    add(all.refused, "were not taken by Hub");
    add(all.same_name, "have the external ID of another and were left out");
    return Outcome{json::quote(text + ".")};
}

} // namespace

RunResult run_batch_model(Job &job, const ango_model_v1 &table, ango_instance *instance) {
    return BatchModel(job, table, instance).run();
}

} // namespace angod::host
