// The path of an asset: parse, read the record, filter by batch and kind, filter by task and review status, read the
// tools, then one image, one image for each page, or one for each frame with a tool. emit() gives each image its name
// and size. Everything that leaves this path early is counted with its reason, and so are its tools.
#include "common/conversion.hpp"

#include "common/asset_kind.hpp"
#include "common/classifications.hpp"
#include "common/frames.hpp"
#include "common/text.hpp"
#include "common/turned_size.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <unordered_set>
#include <utility>

namespace ango::common {

namespace {

constexpr std::uint64_t kNamedBadRecords = 5; // others are only counted: a broken export has thousands
constexpr std::uint64_t kNamedSizes = 5;

/// The number of assets that the event announces; 0 if it announces none.
std::uint64_t expected_assets(const Job &job) {
    std::uint64_t count = 0;
    if (const auto text = job.field("numTasks")) std::from_chars(text->data(), text->data() + text->size(), count);
    return count;
}

std::string place(const Asset &asset) { return (asset.in_array ? "Element " : "Line ") + std::to_string(asset.number); }

} // namespace

void stop_if_cancelled(const Job &job) {
    if (job.cancelled()) detail::check(ANGO_CANCELLED);
}

Conversion::Conversion(Job &job, const ConverterOptions &options, Accounting &books, Format &format,
                       std::optional<std::string_view> label_extension)
    : job_(job),
      options_(options),
      books_(books),
      format_(format),
      label_extension_(label_extension),
      output_names_(options.keep_dirs),
      wanted_batches_(options.batch_names),
      names_(job) {}

void Conversion::run(Reader &assets) {
    const std::uint64_t expected = expected_assets(job_);
    while (const Asset *asset = assets.next()) {
        stop_if_cancelled(job_);
        convert(*asset);
        if (options_.verbose && books_.assets_in() % options_.verbose_frequency == 0)
            job_.progress(books_.assets_in(), expected ? std::max(expected, books_.assets_in()) : 0);
    }
    books_.note(Note::unknown_members, unknown_.count());
}

void Conversion::convert(const Asset &asset) {
    books_.asset_in();
    const Json *root = parser_.parse(asset.json);
    if (!root) {
        // The host cuts off a record that is nested too deep.
        const bool at_end = parser_.error_offset() >= asset.json.size();
        const std::string why = (at_end ? "it is cut off, or nested deeper than 64 levels," : parser_.error()) +
                                " at byte " + std::to_string(asset.offset + parser_.error_offset());
        if (asset.in_array)
            throw Failure("The export cannot be read: element " + std::to_string(asset.number) +
                          " is not valid JSON: " + why + ".");
        return bad_record(asset, "is not valid JSON: " + why);
    }
    if (const std::optional<std::string> why = record_.read(*root, unknown_)) return bad_record(asset, *why);
    convert_record();
}

void Conversion::bad_record(const Asset &asset, const std::string &why) {
    books_.asset_skipped(Reason::bad_record);
    if (++bad_records_ <= kNamedBadRecords) job_.warning(place(asset) + " of the export was left out: it " + why + ".");
}

void Conversion::convert_record() {
    if (!batch_wanted()) return skip_asset(Reason::filtered_batch);
    const AssetKind kind = kind_of(record_);
    if (kind == AssetKind::other || (kind == AssetKind::video && !options_.video_frames))
        return skip_asset(Reason::not_an_image);
    if (convert_tasks(kind)) books_.asset_converted();
}

/// Leaves the whole asset out and counts its tools.
void Conversion::skip_asset(Reason why) {
    books_.asset_skipped(why);
    for (const Task &task : record_.tasks) drop_tools(task.tools, why, books_);
}

/// A batch is wanted if its name looks the same as one of the option.
bool Conversion::batch_wanted() {
    if (options_.batch_names.empty()) return true;
    if (!record_.batches) return false;
    for (const Json &batch : record_.batches->GetArray()) {
        const auto found = batch.IsString() ? wanted_batches_.find(text_of(&batch)) : std::nullopt;
        if (!found) continue;
        if (found->difference != Difference::letter_case) return true;
        if (std::exchange(told_of_batch_, true)) continue;
        job_.warning("The batch " + quote(text_of(&batch).substr(0, 100)) + " of the export is not wanted. The batch " +
                     quote(wanted_batches_[found->index].substr(0, 100)) +
                     " of option \"batch_names\" differs from it only " + std::string(said(*found->difference)) + ".");
    }
    return false;
}

/// Two options choose by review status, which only an export with history tells (FORMATS.md 1.9).
bool Conversion::review_wanted(const Task &task) {
    if (options_.export_reviewed && options_.export_labelled) return true;
    if (task.review == Review::unknown) {
        books_.note(Note::review_status_unknown);
        return true;
    }
    return task.review == Review::reviewed ? options_.export_reviewed : options_.export_labelled;
}

/// False if none of the tasks is wanted; then the asset is counted as skipped.
bool Conversion::convert_tasks(AssetKind kind) {
    const auto skipped = [](const Task &task) { return task.skipped; };
    const auto left =
        static_cast<std::size_t>(std::count_if(record_.tasks.begin(), record_.tasks.end(), std::not_fn(skipped)));
    const bool several = options_.v2_all_tasks && left > 1;
    bool any = false;
    bool first_found = false;
    Reason why = Reason::skipped_task;
    for (const Task &task : record_.tasks) {
        if (task.skipped) {
            drop_tools(task.tools, Reason::skipped_task, books_);
        } else if (first_found && !options_.v2_all_tasks) {
            drop_tools(task.tools, Reason::other_task, books_);
        } else {
            first_found = true;
            if (review_wanted(task)) {
                convert_task(task, kind, several);
                any = true;
            } else {
                drop_tools(task.tools, why = Reason::filtered_stage, books_);
            }
        }
    }
    if (!any) books_.asset_skipped(why);
    return any;
}

void Conversion::convert_task(const Task &task, AssetKind kind, bool name_with_task) {
    tools_.clear();
    ends_.clear();
    const bool interpolate = kind == AssetKind::video && options_.interpolate;
    read_tools(task.tools, kind == AssetKind::video, books_, unknown_, tools_, interpolate ? &ends_ : nullptr);
    count_relations(task);
    first_of_task_ = true;
    OutputNames::Name base = output_names_.base(record_.external_id, task.id);
    if (name_with_task)
        base.stem = limit_name(base.stem + "__" + clean_name(task.id, false), base.stem + std::string(task.id));
    if (kind == AssetKind::image) {
        for (const ToolEntry &tool : tools_)
            if (tool.page != 0) books_.note(Note::page_ignored);
        Size size = size_of_record(tools_);
        if (!size.known())
            size = options_.image_sizes.look_up(record_.external_id, without_query(record_.asset_url), 0);
        return emit(task, std::move(base), std::nullopt, record_.asset_url, size, tools_);
    }
    std::stable_sort(tools_.begin(), tools_.end(),
                     [](const ToolEntry &a, const ToolEntry &b) { return a.page < b.page; });
    if (kind == AssetKind::pages)
        pages(task, base);
    else
        frames(task, base);
}

/// Every page is an image, with or without tools.
void Conversion::pages(const Task &task, const OutputNames::Name &base) {
    const Size same = options_.dataset_same_size ? size_of_record(tools_) : Size{};
    auto begin = tools_.cbegin();
    for (std::uint64_t page = 0; page < record_.dataset->Size(); ++page) {
        stop_if_cancelled(job_);
        const auto end =
            std::find_if(begin, tools_.cend(), [page](const ToolEntry &tool) { return tool.page != page; });
        const std::string_view url = text_of(&(*record_.dataset)[static_cast<unsigned>(page)]);
        OutputNames::Name name = base;
        if (const std::string_view own = extension_of(url_file_name(url)); is_image_extension(own))
            name.extension = own;
        // The record has the size of page 0; other pages may differ (FORMATS.md 4.4).
        Size size = options_.dataset_same_size ? same : page == 0 ? size_of_record({begin, end}) : Size{};
        if (!size.known())
            size = options_.image_sizes.look_up(record_.external_id, without_query(url),
                                                options_.dataset_same_size ? 0 : page);
        emit(task, std::move(name), page, url, size, {begin, end});
        begin = end;
    }
    for (; begin != tools_.cend(); ++begin)
        books_.dropped(begin->type, Reason::invalid_geometry); // there is no such page
}

/// Only frames with a tool are images. Videos have tens of thousands of others, which nobody has looked at.
void Conversion::frames(const Task &task, const OutputNames::Name &base) {
    Size size = size_of_record(tools_);
    if (!size.known()) size = options_.image_sizes.look_up(record_.external_id, without_query(record_.asset_url), 0);
    if (tools_.empty()) books_.note(Note::classifications_dropped, count_classifications(task.classifications));
    FrameSweep sweep(tools_);
    const auto wanted = [this](Tool tool) { return format_.takes(tool); };
    if (options_.interpolate) sweep.interpolate(ends_, wanted, options_.interpolate_gap, books_);
    while (sweep.next()) {
        stop_if_cancelled(job_);
        emit(task, {base.stem, ".jpg"}, sweep.page(), record_.asset_url, size, sweep.tools());
    }
}

void Conversion::emit(const Task &task, OutputNames::Name base, std::optional<std::uint64_t> page, std::string_view url,
                      Size size, std::span<const ToolEntry> tools) {
    bool changed = false;
    const std::string name = output_names_.unique(base, page, task.id, label_extension_, changed).full();
    if (changed) books_.note(Note::name_changed);
    if (!size.known()) // externalId does not name a single page or frame
        size = options_.local_images.look_up(page ? std::string_view() : record_.external_id, name,
                                             extension_of(url_file_name(url)));
    if (!size.known()) books_.note(Note::image_without_size);
    names_.add(name, record_.external_id, task.id, page.value_or(0));
    const bool is_url = !url.starts_with("data:") && !is_embedded_text(url);
    const std::string_view shown_url = is_url ? without_query(url) : std::string_view();
    format_.image({record_, task, name, shown_url, size, page, std::exchange(first_of_task_, false), tools});
}

/// The size in metadata, if it is known. Nothing is cut at a size that may be that of the stored pixels of a turned photo:
/// then the size has to come from elsewhere.
Size Conversion::size_of_record(std::span<const ToolEntry> tools) {
    const Size size = size_in_metadata(record_.metadata);
    if (!options_.clip || !may_be_turned(size, tools)) return size;
    books_.note(Note::size_doubtful);
    if (++doubtful_sizes_ <= kNamedSizes)
        job_.warning(
            "The size of " + quote(record_.external_id.substr(0, 100)) + " in the export, " +
            std::to_string(size.width) + " x " + std::to_string(size.height) +
            ", is not used: its tools fit only with the sides swapped, as on a photo that is turned for display. "
            "Option \"image_sizes\" or \"image_dir\" can give the size of the shown picture.");
    return {};
}

void Conversion::count_relations(const Task &task) {
    if (!task.relations || task.relations->Empty()) return;
    if (!format_.counts_relations()) books_.note(Note::relations_dropped, task.relations->Size());
    std::unordered_set<std::string_view> ids;
    for (const Json *list : {task.tools, task.relations}) {
        if (!list) continue;
        for (const Json &one : list->GetArray())
            if (const std::string_view id = text_of(find(&one, "objectId")); !id.empty()) ids.insert(id);
    }
    for (const Json &relation : task.relations->GetArray()) {
        const auto dangles = [&](const Json *id) { return id && id->IsString() && !ids.contains(text_of(id)); };
        bool dangling = dangles(find(&relation, "from")) || dangles(find(&relation, "to"));
        if (const Json *group = array_or_null(find(&relation, "group")))
            dangling = std::any_of(group->Begin(), group->End(), [&](const Json &id) { return dangles(&id); });
        if (dangling) books_.note(Note::relation_dangling);
    }
}

void Conversion::log_outcome() {
    if (bad_records_ > kNamedBadRecords)
        job_.warning(std::to_string(bad_records_) + " records of the export were left out. The first " +
                     std::to_string(kNamedBadRecords) + " are named above.");
    if (books_.assets_in() > 0 && books_.assets_converted() == 0) // the host warns of an empty export
        job_.warning("No asset was converted. The result is valid, but empty.");

    for (std::size_t i = 0; i < static_cast<std::size_t>(Reason::count); ++i) log_reason(static_cast<Reason>(i));

    std::string tools;
    for (ToolType type = 0; type < books_.tool_type_count(); ++type) {
        const Accounting::Tool &tool = books_.tool(type);
        if (tool.in == 0) continue;
        tools += (tools.empty() ? "" : "; ") + quote(books_.tool_name(type)) + " in " + std::to_string(tool.in) +
                 " = emitted " + std::to_string(tool.emitted) + " + merged " + std::to_string(tool.merged) +
                 " + ended " + std::to_string(tool.ended) + " + dropped " + std::to_string(tool.dropped_total());
    }
    if (!tools.empty()) job_.info("Tools: " + tools + ".");

    std::string notes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Note::count); ++i)
        if (const std::uint64_t count = books_.noted(static_cast<Note>(i)))
            notes +=
                (notes.empty() ? "" : ", ") + std::string(name_of(static_cast<Note>(i))) + " " + std::to_string(count);
    if (!notes.empty()) job_.info("Notes: " + notes + ".");
    if (unknown_.count()) job_.debug("Members of the export without a meaning here: " + unknown_.some() + ".");
}

/// One warning for the assets and one for the tools that were left out for this reason.
void Conversion::log_reason(Reason why) {
    if (const std::uint64_t count = books_.assets_skipped(why); count && why != Reason::bad_record)
        job_.warning(plural(count, "asset was", "assets were") + " left out (" + std::string(name_of(why)) + ").");
    const std::uint64_t dropped = books_.total_dropped(why);
    if (!dropped) return;
    std::string line = plural(dropped, "tool was", "tools were") + " left out (" + std::string(name_of(why)) +
                       "): " + std::string(explain(why)) + " [";
    const char *separator = "";
    for (ToolType type = 0; type < books_.tool_type_count(); ++type) {
        const std::uint64_t count = books_.tool(type).dropped[static_cast<std::size_t>(why)];
        if (!count) continue;
        line += separator + quote(books_.tool_name(type)) + " " + std::to_string(count);
        separator = ", ";
    }
    job_.warning(line + "].");
}

} // namespace ango::common
