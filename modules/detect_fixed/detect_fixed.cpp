// Module "detect-fixed": "finds" the same boxes on every asset, as its options say. For tests and tutorials: it shows
// all that a model does with classes, options and labels, and leaves out the seeing.
#include "fixed_labels.hpp"

#include <ango/module.hpp>

#include <string>
#include <string_view>

namespace {

using namespace detect_fixed;
using ango::convert::Options;

class DetectFixed : public ango::Model {
public:
    explicit DetectFixed(std::string_view settings) : settings_(settings) {
        Options options(settings_, "{}");
        own_ = read_fixed_labels(options);
        if (const auto unknown = options.unknown_names(); !unknown.empty()) throw ango::Failure(unknown.front());
    }

    std::string predict(ango::Job &job, const ango::ModelAsset &asset) override {
        take_up(job, asset);
        return labels_;
    }

    std::string describe() const { return description_json(own_); }

private:
    /// Of a run with many assets only the first one has anything new.
    void take_up(ango::Job &job, const ango::ModelAsset &asset) {
        std::string run = std::string(job.field("session").value_or("")) + "\n" + std::string(job.config()) + "\n" +
                          std::string(asset.classes);
        if (run == run_) return;
        run_.clear();
        Options options(settings_, job.config());
        const FixedLabels fixed = read_fixed_labels(options);
        const Mapping mapping = read_mapping(asset.classes);
        std::string unmapped;
        std::size_t mapped = 0;
        for (const std::string &name : classes_of(fixed)) {
            if (mapping.contains(name))
                ++mapped;
            else
                unmapped += (unmapped.empty() ? "" : ", ") + name;
        }
        if (mapped == 0)
            throw ango::Failure("No class of this plugin is mapped to a class of the project, so nothing can be "
                                "labelled. Its classes: " +
                                (unmapped.empty() ? "none" : unmapped) + ". Map them when you run the plugin.");
        for (const std::string &sentence : options.unknown_names()) job.warning(sentence);
        if (!unmapped.empty()) job.info("left out, because mapped to no class of the project: " + unmapped);
        labels_ = labels_json(fixed, mapping);
        run_ = std::move(run);
    }

    const std::string settings_;
    FixedLabels own_;
    std::string run_, labels_; // of the run before: most assets come from the same one
};

} // namespace

ANGO_MODULE(DetectFixed, {.id = "detect-fixed",
                          .version = "0.1.0",
                          .name = "Fixed detector",
                          .summary = "Labels every asset with the same boxes"})
