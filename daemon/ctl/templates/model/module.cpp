// A model: labels one asset at a time. It serves Model, interactive and in a workflow, and Batch Model.
#include <ango/module.hpp>

#include <cstddef>
#include <string>
#include <string_view>

struct ModuleClass : ango::Model {
    std::string predict(ango::Job &, const ango::ModelAsset &asset) override {
        // asset.data is where the image lies; job.fetch(asset.data, bytes) would get it.
        return R"({"objects":[{"schemaId":")" + first_class(asset.classes) +
               R"(","bounding-box":{"x":10,"y":10,"width":100,"height":50}}]})";
    }

    /// The schemaId of the first class that the user mapped: [{"schemaId": "…", "modelClass": "…"}].
    static std::string first_class(std::string_view classes) {
        const std::size_t name = classes.find("\"schemaId\"");
        if (name == classes.npos) throw ango::Failure("Map a class of the project before you run this plugin.");
        classes.remove_prefix(classes.find('"', classes.find(':', name)) + 1);
        return std::string(classes.substr(0, classes.find('"')));
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Draws one box on every asset"})
