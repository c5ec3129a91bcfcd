"""What lies on one's desk: tasks with a due time, notices."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.doors import SIGNED_IN, Nav, found, page
from middleground.kernel import clock, desk
from middleground.kernel.who import STAFF
from middleground.records import actions, queries

WITH_TASKS = tuple(r for r in STAFF if r != "administrator")


@page("tasks/", name="tasks", by=WITH_TASKS, title="Tasks", nav=Nav("staff", "Tasks", "check", 25))
def tasks(request: HttpRequest) -> HttpResponse:
    """Open tasks: mine and my role's; a director also sees everybody's."""
    everybody = "program-director" in request.actor.roles and request.GET.get("whose") == "all"  # type: ignore[attr-defined]
    listed = list((queries.open_tasks() if everybody else queries.my_tasks())[:200])
    now = clock.now()
    context = {
        "late": [t for t in listed if t.due_at < now],
        "coming": [t for t in listed if t.due_at >= now],
        "everybody": everybody,
    }
    return render(request, "web/tasks.html", context)


@page("tasks/<int:task_id>/", name="task", by=WITH_TASKS, title="Task")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say what came of a task."""
    one = found(queries.task(task_id))
    form = actions.finish_task.form(task=one)
    if request.method == "POST":
        done = actions.finish_task.submit(request, task=one)
        if done:
            messages.success(request, "Task finished.")
            return redirect("tasks")
        form = done.form
    return render(request, "web/task.html", {"task": one, "form": form}, status=422 if form.errors else 200)


@page("notices/", name="notices", by=SIGNED_IN, title="Notices")
def notices(request: HttpRequest) -> HttpResponse:
    """The latest notices; opening the page doesn't mark them read, the button does."""
    if request.method == "POST":
        desk.read_notices.run(request.actor)  # type: ignore[attr-defined]
        return redirect("notices")
    return render(request, "web/notices.html", {"notices": desk.notices(request.actor.user_id)})  # type: ignore[attr-defined]
