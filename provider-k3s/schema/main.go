// Writes down how the API server turns Kubernetes' protobuf into JSON: for every kind of Kubernetes' published Go types the
// numbers, names and types of the fields, and which of them are written although they are empty. The schemas in protobuf
// (generated.proto) are made from the same types, but do not tell the latter.
//
//	go run . > ../src/main/resources/cloud/lvs/backup/provider/k3s/decoding/kubernetes.schema
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

var wellKnown = map[reflect.Type]string{
	reflect.TypeOf(metav1.Time{}):          "time",
	reflect.TypeOf(metav1.MicroTime{}):     "microtime",
	reflect.TypeOf(metav1.Duration{}):      "duration",
	reflect.TypeOf(metav1.FieldsV1{}):      "json",
	reflect.TypeOf(runtime.RawExtension{}): "json",
	reflect.TypeOf(resource.Quantity{}):    "quantity",
	reflect.TypeOf(intstr.IntOrString{}):   "intorstring",
}

var (
	messages = map[string][]string{}
	failed   = false
)

func main() {
	var kinds []string
	for gvk, known := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || !strings.HasPrefix(known.PkgPath(), "k8s.io/api/") ||
			strings.HasSuffix(gvk.Kind, "List") {
			continue
		}
		if _, stored := known.FieldByName("ObjectMeta"); !stored {
			continue
		}
		kinds = append(kinds, fmt.Sprintf("kind %s %s %s", gvk.GroupVersion(), gvk.Kind, typeOf(known, known.Name())))
	}
	sort.Strings(kinds)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, "version", version())
	for _, kind := range kinds {
		fmt.Fprintln(out, kind)
	}
	var names []string
	for name := range messages {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintln(out, "message "+name)
		for _, field := range messages[name] {
			fmt.Fprintln(out, field)
		}
	}
	if failed {
		out.Flush()
		os.Exit(1)
	}
}

// version is that of Kubernetes: its libraries count v0.36.3 where it counts 1.36.3.
func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == "k8s.io/api" {
			return "1" + strings.TrimPrefix(module.Version, "v0")
		}
	}
	return "unknown"
}

// typeOf names a type, e.g. "string", "[]core.v1.Container", "{}quantity", and notes the messages on the way.
func typeOf(t reflect.Type, where string) string {
	if name, special := wellKnown[t]; special {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeOf(t.Elem(), where)
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return "int"
	case reflect.Float64:
		return "double"
	case reflect.String:
		return "string"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if _, message := reflect.PointerTo(t).MethodByName("Marshal"); message {
			return "items" // a list that is a message of its own, with the one field "items"
		}
		return "[]" + typeOf(t.Elem(), where)
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return "{}" + typeOf(t.Elem(), where)
		}
	case reflect.Struct:
		name := strings.NewReplacer("k8s.io/apimachinery/pkg/apis/", "", "k8s.io/api/", "", "/", ".").Replace(t.PkgPath()) +
			"." + t.Name()
		if _, seen := messages[name]; !seen {
			messages[name] = nil
			messages[name] = fieldsOf(t, name)
		}
		return name
	}
	fmt.Fprintln(os.Stderr, "no name for", t, "in", where)
	failed = true
	return "?"
}

// fieldsOf gives "NUMBER NAME TYPE [pointer] [omitempty] [omitzero] [inline]" for each field that protobuf holds.
func fieldsOf(t reflect.Type, where string) []string {
	var fields []string
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag, stored := field.Tag.Lookup("protobuf")
		if !stored || tag == "-" {
			continue
		}
		wire := strings.Split(tag, ",")
		json := strings.Split(field.Tag.Get("json"), ",")
		name := json[0]
		if name == "" {
			name = "-"
		}
		line := wire[1] + " " + name + " " + typeOf(field.Type, where+"."+field.Name)
		if field.Type.Kind() == reflect.Pointer {
			line += " pointer"
		}
		inline := json[0] == "" && field.Anonymous
		for _, option := range json[1:] {
			switch option {
			case "omitempty", "omitzero":
				line += " " + option
			case "inline":
				inline = true
			}
		}
		if inline {
			line += " inline"
		}
		fields = append(fields, line)
	}
	return fields
}
