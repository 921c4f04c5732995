// Package check holds the manifests to the schemas of Kubernetes' API, and to each other.
package check

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	scaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation"
)

// decode reads a manifest strictly: a field that the API does not have, or has twice, is an error.
func decode(t *testing.T, text []byte) (all []runtime.Object, errs []error) {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{apps.AddToScheme, scaling.AddToScheme, core.AddToScheme,
		policy.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	d := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true,
		Strict: true})
	for i, part := range bytes.Split(text, []byte("\n---\n")) {
		o, _, err := d.Decode(part, nil, nil)
		if err != nil {
			errs = append(errs, fmt.Errorf("part %d: %w", i, err))
			continue
		}
		all = append(all, o)
	}
	return all, errs
}

func read(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../fmserve.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestManifests(t *testing.T) {
	all, errs := decode(t, read(t))
	for _, err := range errs {
		t.Error(err)
	}
	var d *apps.Deployment
	var s *core.Service
	var h *scaling.HorizontalPodAutoscaler
	var b *policy.PodDisruptionBudget
	for _, o := range all {
		switch o := o.(type) {
		case *apps.Deployment:
			d = o
		case *core.Service:
			s = o
		case *scaling.HorizontalPodAutoscaler:
			h = o
		case *policy.PodDisruptionBudget:
			b = o
		}
		m, ok := o.(meta.Object)
		if !ok || len(validation.IsDNS1123Label(m.GetName())) > 0 {
			t.Errorf("%T has no name that may be one", o)
		}
	}
	if d == nil || s == nil || h == nil || b == nil || len(all) != 4 {
		t.Fatalf("%d objects, want a Deployment, a Service, an autoscaler and a budget", len(all))
	}
	pod := d.Spec.Template
	for what, of := range map[string]*meta.LabelSelector{"the deployment": d.Spec.Selector, "the budget": b.Spec.Selector,
		"the service": {MatchLabels: s.Spec.Selector}, "the spread": pod.Spec.TopologySpreadConstraints[0].LabelSelector} {
		sel, err := meta.LabelSelectorAsSelector(of)
		if err != nil || sel.Empty() || !sel.Matches(labels.Set(pod.Labels)) {
			t.Errorf("%s does not select the pods: %v, %v", what, of, err)
		}
	}
	for name, value := range pod.Labels {
		if len(validation.IsQualifiedName(name))+len(validation.IsValidLabelValue(value)) > 0 {
			t.Errorf("a label %s: %s", name, value)
		}
	}
	if r := h.Spec.ScaleTargetRef; r.Kind != "Deployment" || r.Name != d.Name || r.APIVersion != "apps/v1" {
		t.Errorf("the autoscaler is of %+v", r)
	}
	if d.Spec.Replicas != nil || *h.Spec.MinReplicas < 2 || h.Spec.MaxReplicas <= *h.Spec.MinReplicas {
		t.Error("the autoscaler has no range of two or more, or the deployment sets the number too")
	}
	c := pod.Spec.Containers[0]
	port := c.Ports[0]
	if s.Spec.Ports[0].TargetPort.StrVal != port.Name || port.ContainerPort != 11435 {
		t.Errorf("the service goes to %v, the container has %+v", s.Spec.Ports[0].TargetPort, port)
	}
	for what, p := range map[string]*core.Probe{"startup": c.StartupProbe, "readiness": c.ReadinessProbe,
		"liveness": c.LivenessProbe} {
		if p == nil || p.HTTPGet == nil || p.HTTPGet.Path != "/health" || p.HTTPGet.Port.StrVal != port.Name {
			t.Errorf("the %s probe: %+v", what, p)
		}
	}
	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("%s is mounted and no volume", m.Name)
		}
	}
	// A pod that ends has time for what it waits for, one after the other.
	drain := 30 * time.Second
	for _, a := range c.Args {
		if v, ok := strings.CutPrefix(a, "--drain="); ok {
			var err error
			if drain, err = time.ParseDuration(v); err != nil {
				t.Error(err)
			}
		}
	}
	sleeps := time.Duration(c.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	grace := time.Duration(*pod.Spec.TerminationGracePeriodSeconds) * time.Second
	if grace < sleeps+drain+15*time.Second || sleeps < 5*time.Second {
		t.Errorf("it has %v to end: sleeps for %v, and has requests go on for %v", grace, sleeps, drain)
	}
	sc := c.SecurityContext
	if !*pod.Spec.SecurityContext.RunAsNonRoot || *sc.AllowPrivilegeEscalation || !*sc.ReadOnlyRootFilesystem ||
		len(sc.Capabilities.Drop) != 1 || *pod.Spec.AutomountServiceAccountToken {
		t.Error("the container may do more than it has to")
	}
	adapter, err := os.ReadFile("../prometheus-adapter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if name := h.Spec.Metrics[0].Pods.Metric.Name; !strings.Contains(string(adapter), "name: {as: "+name+"}") {
		t.Errorf("the adapter does not make %s", name)
	}
}

// The check finds what is wrong.
func TestMistakes(t *testing.T) {
	text := string(read(t))
	for right, wrong := range map[string]string{
		"failureThreshold: 6":     "failureTreshold: 6",
		"periodSeconds: 10":       "periodSeconds: ten",
		"maxUnavailable: 1":       "maxUnavailable: 1\n  minAvaliable: 1",
		"apiVersion: policy/v1":   "apiVersion: policy/v2",
		"sleep: {seconds: 10}":    "sleep: {second: 10}",
		"  minReplicas: 2":        "  minReplicas: 2\n  minReplicas: 3",
		"averageValue: \"4\"":     "averageValue: four",
		"readOnlyRootFilesystem:": "readonlyRootFilesystem:",
	} {
		if !strings.Contains(text, right) {
			t.Fatalf("there is no %q", right)
		}
		if _, errs := decode(t, []byte(strings.Replace(text, right, wrong, 1))); len(errs) == 0 {
			t.Errorf("%q is taken", wrong)
		}
	}
}
